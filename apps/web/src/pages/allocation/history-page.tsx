import type { AllocationSnapshot, RebalanceSuggestion } from "@obsqra/client";
import { itemsOf } from "@obsqra/client/react-query";
import { useInfiniteQuery } from "@tanstack/react-query";
import { queries } from "../../api/client.ts";
import { CsvButton } from "../../components/csv-button.tsx";
import { Loaded } from "../../components/loaded.tsx";
import { MoreButton } from "../../components/more-button.tsx";
import { ScrollTable } from "../../components/scroll-table.tsx";
import { Empty } from "../../components/states.tsx";
import { change, moment, percent, share } from "../../format/figures.ts";
import { texts } from "../../texts/index.ts";
import { AllocationFrame } from "./allocation-frame.tsx";

const { history: words, suggestion: names } = texts.allocation;

/** What was held, and what was suggested. */
export function HistoryPage() {
  return (
    <AllocationFrame title={words.title} lead={words.lead}>
      <div className="stack">
        <Held />
        <Suggested />
      </div>
    </AllocationFrame>
  );
}

function Held() {
  const pages = useInfiniteQuery(queries.analytics.allocation_history.infiniteQueryOptions({ limit: 20 }));
  const items = pages.data === undefined ? undefined : itemsOf(pages.data);
  return (
    <section className="card">
      <div className="card-head">
        <h2>{words.held}</h2>
        <CsvButton
          name="allocation-history"
          header={["created_at", "protocol", "percent", "reason", "tx_hash"]}
          rows={() =>
            (items ?? []).flatMap(({ created_at, allocation, reason, tx_hash }) =>
              Object.entries(allocation).map(([protocol, part]) => [
                created_at,
                protocol,
                part,
                reason,
                tx_hash,
              ]),
            )
          }
        />
      </div>
      <Loaded query={pages} height={160}>
        {(data) =>
          itemsOf(data).length === 0 ? (
            <Empty title={texts.allocation.holdingNone}>{words.heldNoneLong}</Empty>
          ) : (
            <ul className="rows">
              {itemsOf(data).map((snapshot) => (
                <Snapshot key={snapshot.id} snapshot={snapshot} />
              ))}
            </ul>
          )
        }
      </Loaded>
      <MoreButton pages={pages} />
    </section>
  );
}

function Snapshot({ snapshot }: { readonly snapshot: AllocationSnapshot }) {
  const parts = Object.entries(snapshot.allocation).toSorted(([, left], [, right]) => right - left);
  return (
    <li>
      <div className="row-head">
        <strong>{moment(snapshot.created_at)}</strong>
        <span className="muted small">{snapshot.reason}</span>
      </div>
      <div className="tags">
        {parts.map(([protocol, part]) => (
          <span key={protocol} className="tag">
            {protocol} {percent(part)}
          </span>
        ))}
      </div>
    </li>
  );
}

function Suggested() {
  const pages = useInfiniteQuery(
    queries.predictions.rebalance_suggestions.infiniteQueryOptions({ limit: 20 }),
  );
  return (
    <section className="card">
      <div className="card-head">
        <h2>{words.suggested}</h2>
        <CsvButton
          name="suggestions"
          header={["created_at", "outcome", "expected_improvement", "confidence", "reason"]}
          rows={() =>
            (pages.data === undefined ? [] : itemsOf(pages.data)).map((each) => [
              each.created_at,
              each.outcome,
              each.expected_improvement,
              each.confidence,
              each.reason,
            ])
          }
        />
      </div>
      <Loaded query={pages} height={160}>
        {(data) =>
          itemsOf(data).length === 0 ? (
            <Empty title={words.suggestedNone} />
          ) : (
            <SuggestedTable suggestions={itemsOf(data)} />
          )
        }
      </Loaded>
      <MoreButton pages={pages} />
    </section>
  );
}

function SuggestedTable({ suggestions }: { readonly suggestions: readonly RebalanceSuggestion[] }) {
  return (
    <ScrollTable>
      <thead>
        <tr>
          <th scope="col">{words.columns.made}</th>
          <th scope="col">{words.columns.outcome}</th>
          <th scope="col">{words.columns.reason}</th>
          <th scope="col" className="number">
            {names.improvement}
          </th>
          <th scope="col" className="number">
            {names.confidence}
          </th>
        </tr>
      </thead>
      <tbody>
        {suggestions.map(({ id, created_at, outcome, reason, expected_improvement, confidence }) => (
          <tr key={id}>
            <th scope="row">{moment(created_at)}</th>
            <td>
              <span className="tag" data-tone={outcome === "hold" ? "warn" : "good"}>
                {names.outcomes[outcome]}
              </span>
            </td>
            <td className="small reason">{reason}</td>
            <td className="number">{change(expected_improvement, percent)}</td>
            <td className="number">{share(confidence)}</td>
          </tr>
        ))}
      </tbody>
    </ScrollTable>
  );
}
