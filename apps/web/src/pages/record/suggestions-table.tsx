import type { TrackRecord } from "@obsqra/client";
import { CsvButton } from "../../components/csv-button.tsx";
import { ChangeFigure } from "../../components/figures.tsx";
import { ScrollTable } from "../../components/scroll-table.tsx";
import { percent, share, unknown, whole } from "../../format/figures.ts";
import { texts } from "../../texts/index.ts";

const { suggestions } = texts.record;
const { columns } = suggestions;
const csvHeader = [
  "outcome",
  "forced",
  "risk_tolerance",
  "n",
  "promised_improvement",
  "realised_improvement",
  "mean_confidence",
  "beat_holding",
  "worst_improvement",
];
const points = (value: number | null | undefined) => percent(value).replace(" %", "");

/** How suggestions did against holding, a line for each thing that was advised. */
export function SuggestionsTable({ figures }: { readonly figures: TrackRecord["suggestions"] }) {
  const scored = figures.filter(({ n }) => n > 0);
  if (scored.length === 0) return null;
  return (
    <section className="card">
      <div className="card-head">
        <h2>
          {suggestions.title} <span className="muted small">({texts.record.units.yield})</span>
        </h2>
        <CsvButton
          name="record-suggestions"
          header={csvHeader}
          rows={() =>
            scored.map((row) => [
              row.outcome,
              row.forced ? "yes" : "no",
              row.risk_tolerance,
              row.n,
              row.promised_improvement,
              row.realised_improvement,
              row.mean_confidence,
              row.beat_holding,
              row.worst_improvement,
            ])
          }
        />
      </div>
      <p className="muted">{suggestions.lead}</p>
      <ScrollTable>
        <thead>
          <tr>
            <th scope="col">{columns.advised}</th>
            <th scope="col">{columns.tolerance}</th>
            {[columns.n, columns.promised, columns.realised, columns.beat, columns.worst].map((name) => (
              <th key={name} scope="col" className="number">
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {scored.map((row) => (
            <tr key={`${row.outcome} ${row.forced} ${row.risk_tolerance}`}>
              <th scope="row">{row.forced ? suggestions.forced : suggestions.outcomes[row.outcome]}</th>
              <td>{row.risk_tolerance ?? unknown}</td>
              <td className="number">{whole(row.n)}</td>
              <td className="number">{points(row.promised_improvement)}</td>
              <td className="number">
                <ChangeFigure value={row.realised_improvement} format={points} />
              </td>
              <td className="number">
                {share(row.mean_confidence)} / {share(row.beat_holding)}
              </td>
              <td className="number">{points(row.worst_improvement)}</td>
            </tr>
          ))}
        </tbody>
      </ScrollTable>
    </section>
  );
}
