import type { TrackRecordItem } from "@obsqra/client";
import { percent, score, share, whole } from "../../format/figures.ts";
import { texts } from "../../texts/index.ts";
import { excessError, sumRecord } from "./sums.ts";

const { summary, units } = texts.record;

interface RecordSummaryProps {
  readonly items: readonly TrackRecordItem[];
  readonly kind: "yield" | "risk";
}

/** The record in four figures. */
export function RecordSummary({ items, kind }: RecordSummaryProps) {
  const sum = sumRecord(items);
  const excess = excessError(sum.mae, sum.baselineMae);
  const error = kind === "yield" ? percent(sum.mae).replace(" %", "") : score(sum.mae);
  const hindsight = sum.n - sum.nProspective;
  const figures = [
    [
      summary.error,
      sum.mae === null ? error : `${error} ${units[kind] === "score points" ? "pts" : "pp"}`,
      describe(excess),
    ],
    [
      summary.coverage,
      share(sum.coverage),
      sum.promised === null ? "" : summary.promised(share(sum.promised)),
    ],
    [summary.confidence, share(sum.within), sum.stated === null ? "" : summary.stated(share(sum.stated))],
    [
      summary.scored,
      whole(sum.n),
      hindsight > 0 ? summary.hindsight(whole(hindsight)) : summary.pending(whole(sum.nPending)),
    ],
  ] as const;
  return (
    <dl className="card stats">
      {figures.map(([name, value, note]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
          <dd>{note}</dd>
        </div>
      ))}
    </dl>
  );
}

function describe(excess: number | null): string {
  if (excess === null) return "";
  if (Math.abs(excess) < 0.0005) return summary.same;
  return excess < 0 ? summary.better(share(-excess)) : summary.worse(share(excess));
}
