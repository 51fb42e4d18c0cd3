import type { TrackRecord } from "@obsqra/client";
import { Link } from "@tanstack/react-router";
import { ChangeFigure } from "../../components/figures.tsx";
import { ScrollTable } from "../../components/scroll-table.tsx";
import { percent, share, unknown, whole } from "../../format/figures.ts";
import { texts } from "../../texts/index.ts";
import { type RecordView, readRecordView } from "./record-view.ts";

const { suggestions } = texts.record;
const { columns } = suggestions;
const points = (value: number | null | undefined) => percent(value).replace(" %", "");

/** Figures of what was advised, of all time or of a month. */
type SuggestionLine = TrackRecord["suggestions"][number] & { readonly month?: string };

interface SuggestionsTableProps {
  readonly lines: readonly SuggestionLine[];
  readonly view: RecordView;
}

/** How suggestions did against holding, a line for each thing that was advised. */
export function SuggestionsTable({ lines, view }: SuggestionsTableProps) {
  const hasMonths = lines.some(({ month }) => month !== undefined);
  return (
    <ScrollTable>
      <thead>
        <tr>
          {hasMonths ? <th scope="col">{columns.month}</th> : null}
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
        {lines.map((row) => (
          <tr key={`${row.month} ${row.outcome} ${row.forced} ${row.risk_tolerance}`}>
            {hasMonths ? <td>{row.month}</td> : null}
            <th scope="row">{row.forced ? suggestions.forced : suggestions.outcomes[row.outcome]}</th>
            <td>{row.risk_tolerance ?? unknown}</td>
            <td className="number">
              <Count line={row} view={view} />
            </td>
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
  );
}

/** How many there are, which of a month leads to them. */
function Count({
  line: { n, month },
  view,
}: Pick<SuggestionsTableProps, "view"> & { readonly line: SuggestionLine }) {
  if (month === undefined) return whole(n);
  return (
    <Link
      to="/record"
      search={readRecordView({ ...view, suggested: month })}
      hash="suggestions"
      aria-label={suggestions.open(whole(n), month)}
    >
      {whole(n)}
    </Link>
  );
}
