import { describe, expect, inject, it } from "vitest";
import { reliabilityTable } from "../calibration/reliability.ts";
import { baselineNames } from "../forecast/baselines.ts";
import { forecastPanel } from "../forecast/forecast-panel.ts";
import type { ModelKind } from "../forecast/forecast-space.ts";
import type { MarketForecast, ProtocolForecast } from "../forecast/forecast-types.ts";
import { knownWeightMin } from "../forecast/protocol-rows.ts";
import type { LoadedModel } from "../model-format/model-artefact.ts";
import { loadModel } from "../model-format/model-artefact.ts";
import { mean } from "../numbers.ts";
import type { MarketSeries } from "../panel/market-series.ts";
import { truncateSeries } from "../panel/market-series.ts";
import { decidePromotion } from "../promotion/decide-promotion.ts";
import { realisedRisk } from "../risk/risk-table.ts";
import { scoreRisk } from "../test-support/score-risk.ts";
import { syntheticPanel } from "../test-support/synthetic-panel.ts";
import { trainModel } from "../training/train-models.ts";
import { realisedYield } from "../yield/yield-table.ts";
import type { EvaluationOptions, EvaluationReport } from "./evaluate-forecasts.ts";
import { evaluateForecasts } from "./evaluate-forecasts.ts";

const options = { horizonDays: 7, backtestDays: 60, apyCapPercent: 500, seed: 4, scoreRisk };

/** A history that is replayed: each day costs a forecast of all markets, and every 15th two trainings. */
const replayed = inject("isLong")
  ? { markets: 12, days: 200, backtestDays: 60 }
  : { markets: 8, days: 100, backtestDays: 30 };

/** Gaps, and during the replay a market that falls silent, two protocols that appear and a yield that turns negative. */
function eventfulPanel({ markets, days, backtestDays }: typeof replayed): MarketSeries[] {
  const panel = syntheticPanel({ markets, days, seed: 8, gapShare: 0.04 });
  const firstDay = 19_000 + days - options.horizonDays - backtestDays;
  const middle = firstDay + backtestDays / 2;
  return panel.map((series, index) => {
    if (index === 1) return truncateSeries(series, middle);
    if (index === 3 || index === markets - 2)
      return launchedOn(firstDay + 7 + index, { ...series, protocol: `late${index}` });
    if (index !== 5) return series;
    const apy = series.apy.map((value, position) => ((series.days[position] ?? 0) > middle ? -value : value));
    return { ...series, apy };
  });
}

function launchedOn(day: number, series: MarketSeries): MarketSeries {
  const start = series.days.findIndex((each) => each >= day);
  return {
    ...series,
    days: series.days.subarray(start),
    apy: series.apy.subarray(start),
    apy_base: series.apy_base.subarray(start),
    apy_reward: series.apy_reward.subarray(start),
    tvl_usd: series.tvl_usd.subarray(start),
    utilization: series.utilization.subarray(start),
    frozen: series.frozen.subarray(start),
    launched_day: day,
  };
}

/** What a server knows at the end of a day: a market that was not yet observed is not in its panel. */
function knownAt(panel: readonly MarketSeries[], day: number): MarketSeries[] {
  return panel.map((series) => truncateSeries(series, day)).filter(({ days }) => days.length > 0);
}

interface Checked {
  forecast: MarketForecast;
  actual: number;
}

interface CheckedProtocol {
  forecast: ProtocolForecast;
  actual: number;
}

/** Lives through the period with the functions that the API calls, on data that ends with each day. */
function replay(kind: ModelKind, panel: readonly MarketSeries[], decisionDays: number[], lastDay: number) {
  const realised = kind === "risk" ? realisedRisk : realisedYield;
  const byId = new Map(panel.map((series) => [series.market_id, series]));
  const decisions: EvaluationReport["decisions"] = [];
  const checked: Checked[] = [];
  const checkedProtocols: CheckedProtocol[] = [];
  let champion: LoadedModel | undefined;
  decisionDays.forEach((decisionDay, index) => {
    const known = knownAt(panel, decisionDay);
    const challenger = trainModel(kind, known, { ...options, backtestDays: replayed.backtestDays });
    const decision = decidePromotion(challenger, champion, known, { scoreRisk });
    champion = decision.promoted || champion === undefined ? loadModel(challenger) : champion;
    decisions.push({ day: decisionDay, served_by: champion.header.served_by, ...decision });
    const end = decisionDays[index + 1] ?? lastDay + 1;
    for (let day = decisionDay; day < end; day += 1) {
      const { markets, protocols } = forecastPanel(champion, knownAt(panel, day), { scoreRisk });
      const outcomeOf = (market_id: string) => {
        const series = byId.get(market_id);
        return series === undefined ? Number.NaN : realised(series, day, options);
      };
      for (const forecast of markets) {
        const actual = outcomeOf(forecast.market_id);
        if (forecast.as_of_day === day && !Number.isNaN(actual)) checked.push({ forecast, actual });
      }
      for (const forecast of protocols) {
        const known = forecast.markets.filter(({ market_id }) => !Number.isNaN(outcomeOf(market_id)));
        const weight = known.reduce((sum, market) => sum + market.weight, 0);
        if (forecast.as_of_day !== day || weight < knownWeightMin) continue;
        const sum = known.reduce((sum, market) => sum + market.weight * outcomeOf(market.market_id), 0);
        checkedProtocols.push({ forecast, actual: sum / weight });
      }
    }
  });
  return { decisions, checked, checkedProtocols };
}

describe.each(["yield", "risk"] as const)("the %s evaluation", (kind) => {
  const { backtestDays } = replayed;
  const panel = eventfulPanel(replayed);
  const report = evaluateForecasts(panel, { target: kind, ...options, backtestDays });
  const decisionDays = report.decisions.map(({ day }) => day);
  const { decisions, checked, checkedProtocols } = replay(kind, panel, decisionDays, report.last_day);

  it("takes the decisions that a server takes, one challenger every 15 days", () => {
    const daysBefore = Array.from({ length: backtestDays / 15 }, (_unused, index) => 15 * index);
    expect(decisionDays).toEqual(daysBefore.map((days) => report.first_day + days));
    expect(report.last_day).toBe(report.first_day + backtestDays - 1);
    expect(decisions).toHaveLength(report.decisions.length);
    report.decisions.forEach((expected, index) => {
      expectClose(decisions[index], expected);
    });
  });

  it("evaluates exactly what the API would have served", () => {
    const { served } = report;
    expect(checked).toHaveLength(report.forecasts);
    expect(mean(checked.map(({ forecast, actual }) => Math.abs(forecast.value - actual)))).toBeCloseTo(
      served.mae_mean,
      9,
    );
    served.intervals.forEach((expected, index) => {
      const bounds = checked.map(({ forecast, actual }) => ({ ...boundsAt(forecast, index), actual }));
      const covered = bounds.filter(({ lower, upper, actual }) => actual >= lower && actual <= upper);
      expect(covered.length / bounds.length).toBeCloseTo(expected.coverage, 9);
      expect(mean(bounds.map(({ lower, upper }) => upper - lower))).toBeCloseTo(expected.width_mean, 9);
    });
    const reliability = reliabilityTable(
      checked.map(({ forecast }) => forecast.confidence),
      checked.map(({ forecast, actual }) =>
        Math.abs(actual - forecast.value) <= forecast.confidence_tolerance ? 1 : 0,
      ),
      10,
    );
    expectClose(reliability, report.reliability);
  });

  it("evaluates the forecasts of protocols that the API would have served, of which no market was silent on the day", () => {
    const byProtocol = Map.groupBy(checkedProtocols, ({ forecast }) => forecast.protocol);
    expect(report.protocols.map(({ project }) => project)).toEqual([...byProtocol.keys()].sort());
    // The weights are those of all protocols; these two have one market each.
    const ofOneMarket = report.protocols.filter(({ project }) => project.startsWith("late"));
    expect(ofOneMarket).toHaveLength(2);
    for (const { project, n, mae_mean, last_value_mae, coverage_90 } of ofOneMarket) {
      const own = byProtocol.get(project) ?? [];
      const errorOf = (read: (forecast: ProtocolForecast) => number) =>
        mean(own.map(({ forecast, actual }) => Math.abs(read(forecast) - actual)));
      const covered = own.filter(
        ({ forecast, actual }) => actual >= forecast.lower && actual <= forecast.upper,
      );
      expectClose(
        {
          n: own.length,
          mae_mean: errorOf(({ value }) => value),
          last_value_mae: errorOf(({ current }) => current),
          coverage_90: covered.length / own.length,
        },
        { n, mae_mean, last_value_mae, coverage_90 },
      );
    }
  });
});

describe("an evaluation", () => {
  const panel = syntheticPanel({ markets: 7, days: 150, seed: 3, process: "random-walk" });
  const evaluate = (markets: readonly MarketSeries[], changes: Partial<EvaluationOptions> = {}) =>
    evaluateForecasts(markets, { target: "yield", ...options, ...changes });
  const report = evaluate(panel);
  const small = syntheticPanel({ markets: 4, days: 60, seed: 3 });

  it("loses little on a random walk, where nothing can beat the last value", () => {
    const best = Math.min(...report.baselines.map(({ mae_mean }) => mae_mean));
    expect(report.served.mae_mean).toBeLessThan(best * 1.05);
  });

  it("compares candidates on the same forecasts, and its cells add up to all of them", () => {
    const best = report.baselines.reduce((left, right) => (right.mae_mean < left.mae_mean ? right : left));
    expect(report.best_baseline).toBe(best.name);
    expect(report.baselines.map(({ name }) => name)).toEqual([...baselineNames]);
    expect([...new Set(report.cells.map(({ project }) => project))]).toEqual(["p0", "p1", "p2"]);
    expect(report.regimes.reduce((sum, { n }) => sum + n, 0)).toBe(report.forecasts);
    for (const { coverage_90 } of report.worst_weeks) {
      expect(coverage_90).toBeLessThanOrEqual(report.served.intervals[2]?.coverage ?? 0);
    }
    expect(report.cells.reduce((sum, { n }) => sum + n, 0)).toBe(report.forecasts);
    const covered = report.cells.reduce((sum, { n, coverage_90 }) => sum + n * coverage_90, 0);
    expect(covered / report.forecasts).toBeCloseTo(report.served.intervals[2]?.coverage ?? Number.NaN, 9);
    expect(report.reliability.reduce((sum, { n }) => sum + n, 0)).toBe(report.forecasts);
  });

  it("says the same in whatever order the markets come, and does not change them", () => {
    const copy = structuredClone(small);
    expect(evaluate([...copy].reverse())).toEqual(evaluate(small));
    expect(copy).toEqual(small);
  });

  it("leaves half of a short history to learn from", () => {
    const short = evaluate(syntheticPanel({ markets: 3, days: 47, seed: 1 }));
    // Forecasts begin on the 7th day, and the last has its whole outcome 7 days before the end: 34 days.
    expect(short.last_day - short.first_day + 1).toBe(17);
    expect(short.last_day).toBe(19_039);
  });

  it("reports progress that rises to 1, and stops when asked to", () => {
    const fractions: number[] = [];
    evaluate(small, { onProgress: (fraction) => fractions.push(fraction) });
    expect(fractions).toEqual([...fractions].sort((left, right) => left - right));
    expect(fractions.at(-1)).toBe(1);
    expect(() => evaluate(small, { signal: { aborted: true } })).toThrow(
      expect.objectContaining({ code: "ABORTED" }),
    );
  });

  it("refuses a history without a single known outcome", () => {
    for (const hopeless of [[], syntheticPanel({ markets: 2, days: 12, seed: 1 })]) {
      expect(() => evaluate(hopeless)).toThrow(expect.objectContaining({ code: "NOT_ENOUGH_HISTORY" }));
    }
  });
});

/** Equal but for the rounding of sums in another order. */
function expectClose(actual: unknown, expected: unknown): void {
  const rounded = (value: unknown) =>
    JSON.parse(
      JSON.stringify(value, (_key, inner: unknown) =>
        typeof inner === "number" ? Number(inner.toPrecision(10)) : inner,
      ),
    );
  expect(rounded(actual)).toEqual(rounded(expected));
}

function boundsAt({ details }: MarketForecast, index: number): { lower: number; upper: number } {
  return details.intervals[index] ?? { lower: Number.NaN, upper: Number.NaN };
}
