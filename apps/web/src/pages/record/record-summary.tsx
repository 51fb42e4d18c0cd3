import type { TrackRecordItem } from "@obsqra/client";
import { Stats } from "../../components/stats.tsx";
import { percent, score, share, whole } from "../../format/figures.ts";
import { texts } from "../../texts/index.ts";
import { excessError, sumRecord } from "./sums.ts";

const { units } = texts;
const { summary, shortUnits } = texts.record;

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
  const pending = hindsight > 0 ? summary.hindsight(whole(hindsight)) : summary.pending(whole(sum.nPending));
  return (
    <Stats
      figures={[
        {
          name: summary.error,
          value: sum.mae === null ? error : `${error} ${shortUnits[kind]}`,
          note: describe(excess),
          lines:
            sum.mae === null ? [] : [kind === "yield" ? units.apyPoints : units.riskPoints, units.record],
        },
        {
          name: summary.coverage,
          value: share(sum.coverage),
          note: sum.promised === null ? undefined : summary.promised(share(sum.promised)),
          lines: sum.coverage === null ? [] : [units.share, units.record],
        },
        {
          name: summary.confidence,
          value: share(sum.within),
          note: sum.stated === null ? undefined : summary.stated(share(sum.stated)),
          lines: sum.within === null ? [] : [units.share, units.record],
        },
        { name: summary.scored, value: whole(sum.n), note: pending, lines: [units.outcomes, units.record] },
      ]}
    />
  );
}

function describe(excess: number | null): string | undefined {
  if (excess === null) return undefined;
  if (Math.abs(excess) < 0.0005) return summary.same;
  return excess < 0 ? summary.better(share(-excess)) : summary.worse(share(excess));
}
