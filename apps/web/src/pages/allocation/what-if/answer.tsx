import type { WhatIf } from "@obsqra/client";
import { Stats } from "../../../components/stats.tsx";
import { change, percent, score, share, unknown } from "../../../format/figures.ts";
import { texts } from "../../../texts/index.ts";

const { units } = texts;
const { suggestion: names, whatIf: words } = texts.allocation;

interface AnswerProps {
  readonly answer: WhatIf;
  /** Whether the sliders have moved on since. */
  readonly isOld: boolean;
}

/** What the optimiser would advise. */
export function Answer({ answer, isOld }: AnswerProps) {
  const { outcome, reason, expected_improvement, confidence, break_even_days } = answer;
  const { expected_apy_after, expected_apy_before: before, portfolio_risk_after } = answer;
  return (
    <div aria-busy={isOld}>
      <Stats
        figures={[
          {
            name: names.apy,
            value: percent(expected_apy_after),
            note: before === null ? names.apyNothing : names.apyBefore(percent(before)),
            lines: [units.apy, units.computed],
          },
          {
            name: names.improvement,
            value: change(expected_improvement, percent),
            note: words.net,
            lines: [units.apyPoints, units.computed],
          },
          {
            name: names.risk,
            value: score(portfolio_risk_after),
            note: names.riskNote,
            lines: [units.risk, units.computed],
          },
          {
            name: names.confidence,
            value: share(confidence),
            note: names.confidenceNote,
            lines: [units.probability, units.computed],
          },
          {
            name: names.breakEven,
            value: break_even_days === null ? names.never : names.days(score(break_even_days)),
            note: names.outcomes[outcome],
            lines: [units.days, units.computed],
          },
        ]}
      />
      <p className="card card-body reason-line">{reason || unknown}</p>
    </div>
  );
}
