import type { ExpectedApy, ExpectedRisk, Market } from "@obsqra/client";
import { Stats } from "../../components/stats.tsx";
import { useSourceLine } from "../../components/use-source-line.ts";
import { fullDay, level, percent, score, share, usd, whole } from "../../format/figures.ts";
import { texts } from "../../texts/index.ts";

const { market: words, shell, units } = texts;

/** What matters of a market, at a glance. */
export function KeyFigures({ market }: { readonly market: Market }) {
  const { expected_apy, expected_risk, apy_base, apy_reward } = market;
  const asOf = shell.asOf(fullDay(market.as_of));
  const source = useSourceLine();
  const facts = (unit: string) => [unit, asOf, source];
  return (
    <Stats
      figures={[
        {
          name: words.page.apyNow,
          value: percent(market.apy),
          note:
            apy_base === null || apy_reward === null
              ? asOf
              : words.page.apySplit(percent(apy_base), percent(apy_reward)),
          lines: facts(units.apy),
        },
        {
          name: words.page.expected,
          value: percent(expected_apy?.value),
          note: noteOf(expected_apy, percent),
          isStale: expected_apy?.stale,
          lines: [
            ...facts(units.apy),
            expected_apy === null ? undefined : words.page.until(fullDay(expected_apy.target_at)),
          ],
        },
        {
          name: words.page.riskNow,
          value: score(market.risk_score),
          note: words.totals.score,
          lines: facts(units.risk),
        },
        {
          name: words.page.riskExpected,
          value: score(expected_risk?.value),
          note: noteOf(expected_risk, score),
          isStale: expected_risk?.stale,
          lines: [
            ...facts(units.risk),
            expected_risk === null ? undefined : words.page.on(fullDay(expected_risk.target_at)),
          ],
        },
        {
          name: words.page.tvl,
          value: usd(market.tvl_usd),
          note: asOf,
          lines: [`$${whole(market.tvl_usd)}`, ...facts(units.usd)],
        },
        ...(market.utilization === null
          ? []
          : [
              {
                name: words.page.utilization,
                value: share(market.utilization),
                note: asOf,
                lines: facts(units.lentOut),
              },
            ]),
      ]}
    />
  );
}

function noteOf(expected: ExpectedApy | ExpectedRisk | null, format: (value: number) => string): string {
  if (expected === null) return words.noForecast;
  if (expected.stale) return words.stale;
  return words.expectedBand(level(expected.interval_level), format(expected.lower), format(expected.upper));
}
