import { itemsOf } from "@obsqra/client/react-query";
import { useInfiniteQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { queries } from "../../api/client.ts";
import { ChangeFigure } from "../../components/figures.tsx";
import { MoreButton } from "../../components/more-button.tsx";
import { ScrollTable } from "../../components/scroll-table.tsx";
import { Failure, Skeleton } from "../../components/states.tsx";
import { fullDay, percent, unknown, whole } from "../../format/figures.ts";
import { texts } from "../../texts/index.ts";
import { type RecordView, readRecordView } from "./record-view.ts";

const { record } = texts;
const { suggestions } = record;
const { columns } = suggestions;
const points = (value: number | null | undefined) => percent(value).replace(" %", "");

/** Every suggestion on record, the newest first, each with its entry of the log. */
export function SuggestionList({ view: { suggested: month, ...view } }: { readonly view: RecordView }) {
  const pages = useInfiniteQuery(
    queries.predictions.suggestion_history.infiniteQueryOptions({
      ...(month !== undefined && { month }),
      limit: 25,
    }),
  );
  const items = pages.data === undefined ? undefined : itemsOf(pages.data);
  return (
    <section className="card" id="suggestions">
      <div className="card-head">
        <h2>{month === undefined ? suggestions.each : suggestions.eachOf(month)}</h2>
        {month === undefined ? null : (
          <Link to="/record" search={readRecordView(view)} hash="suggestions" className="small">
            {record.allForecasts}
          </Link>
        )}
      </div>
      {items === undefined ? (
        pages.error === null ? (
          <Skeleton height={160} />
        ) : (
          <Failure error={pages.error} retry={() => void pages.refetch()} />
        )
      ) : (
        <ScrollTable>
          <thead>
            <tr>
              <th scope="col">{record.columns.made}</th>
              <th scope="col">{record.columns.target}</th>
              <th scope="col">{columns.advised}</th>
              <th scope="col">{columns.tolerance}</th>
              <th scope="col" className="number">
                {columns.promised}
              </th>
              <th scope="col" className="number">
                {columns.realised}
              </th>
              <th scope="col" className="number">
                {columns.entry}
              </th>
            </tr>
          </thead>
          <tbody>
            {items.map((item) => (
              <tr key={item.id}>
                <td>{fullDay(item.made_on)}</td>
                <td>{fullDay(item.target_at)}</td>
                <th scope="row">{item.forced ? suggestions.forced : suggestions.outcomes[item.outcome]}</th>
                <td>{item.risk_tolerance ?? unknown}</td>
                <td className="number">{points(item.expected_improvement)}</td>
                <td className="number">
                  {item.realised === null ? (
                    <span className="muted">{record.statuses.unobserved}</span>
                  ) : (
                    <ChangeFigure value={item.realised.improvement} format={points} />
                  )}
                </td>
                <td className="number">{item.log_index === null ? unknown : whole(item.log_index)}</td>
              </tr>
            ))}
          </tbody>
        </ScrollTable>
      )}
      <MoreButton pages={pages} />
    </section>
  );
}
