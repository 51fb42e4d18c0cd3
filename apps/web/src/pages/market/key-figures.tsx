import type { ExpectedFigure, Market } from "@obsqra/client";
import { fullDay, level, percent, score, share, unknown, usd } from "../../format/figures.ts";
import { texts } from "../../texts/index.ts";

const { market: words, shell } = texts;

/** What matters of a market, at a glance. */
export function KeyFigures({ market }: { readonly market: Market }) {
  const { expected_apy, expected_risk, apy_base, apy_reward } = market;
  const asOf = shell.asOf(fullDay(market.as_of));
  const figures: readonly [string, string, string, boolean?][] = [
    [
      words.page.apyNow,
      percent(market.apy),
      apy_base === null || apy_reward === null
        ? asOf
        : words.page.apySplit(percent(apy_base), percent(apy_reward)),
    ],
    [words.page.expected, percent(expected_apy?.value), noteOf(expected_apy, percent), expected_apy?.stale],
    [words.page.riskNow, score(market.risk_score), words.totals.score],
    [
      words.page.riskExpected,
      score(expected_risk?.value),
      noteOf(expected_risk, score),
      expected_risk?.stale,
    ],
    [words.page.tvl, usd(market.tvl_usd), asOf],
    [words.page.utilization, share(market.utilization), market.utilization === null ? unknown : asOf],
  ];
  return (
    <dl className="card stats">
      {figures.map(([name, value, note, isStale]) => (
        <div key={name} className={isStale === true ? "stale" : undefined}>
          <dt>{name}</dt>
          <dd>{value}</dd>
          <dd>{note}</dd>
        </div>
      ))}
    </dl>
  );
}

function noteOf(expected: ExpectedFigure | null, format: (value: number) => string): string {
  if (expected === null) return words.noForecast;
  if (expected.stale) return words.stale;
  return words.expectedBand(level(expected.interval_level), format(expected.lower), format(expected.upper));
}
