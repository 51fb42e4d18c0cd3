import { expect, it } from "vitest";
import { forecastPanel } from "../forecast/forecast-panel.ts";
import type { LoadedModel } from "../model-format/model-artefact.ts";
import { loadModel } from "../model-format/model-artefact.ts";
import type { MarketSeries } from "../panel/market-series.ts";
import { truncateSeries } from "../panel/market-series.ts";
import { scoreRisk } from "../test-support/score-risk.ts";
import { syntheticPanel } from "../test-support/synthetic-panel.ts";
import type { TrainedModel } from "../training/train-models.ts";
import { trainModel } from "../training/train-models.ts";
import { decidePromotion } from "./decide-promotion.ts";

const options = { horizonDays: 7, backtestDays: 60, seed: 1, scoreRisk };
const panel = syntheticPanel({ markets: 9, days: 170, seed: 1, gapShare: 0.03 });
const past = panel.map((series) => truncateSeries(series, 19_139));
const challenger = trainModel("yield", panel, options);
const champion = loadModel(trainModel("yield", past, options));

it("makes the first model the champion, on the figures of its own test", () => {
  const { tested, metrics } = challenger;
  expect(decidePromotion(challenger, undefined, panel, { scoreRisk })).toEqual({
    promoted: true,
    reason: "first_model",
    n: tested.days.length,
    challenger_mae: expect.closeTo(metrics.combined.mae_mean, 9),
    champion_mae: null,
    baseline_mae: expect.closeTo(metrics.baselines[challenger.baseline].mae_mean, 9),
  });
});

it("compares only forecasts that the champion can make without having learned from their outcomes", () => {
  expect(champion.header.served_by).toBe("model");
  const { n } = decidePromotion(challenger, champion, panel, { scoreRisk });
  const later = challenger.tested.days.filter((day) => day >= champion.header.as_of_day);
  expect(n).toBe(later.length);
  expect(Math.max(...later)).toBe(19_169 - 7);
});

it("takes the newer of two that forecast the same", () => {
  // The same model, as if it had been trained a month before: its own test is what it would have served.
  const same = loadModel(challenger);
  const older = { ...same, header: { ...same.header, as_of_day: 19_139 } };
  const { n, champion_mae } = decidePromotion(challenger, older, panel, { scoreRisk });
  expect(n).toBeGreaterThan(100);
  const valueAt = valuesOf(older, challenger, panel);
  const tie = {
    ...challenger,
    tested: {
      ...challenger.tested,
      values: challenger.tested.values.map((value, position) => valueAt(position) ?? value),
    },
  };
  expect(decidePromotion(tie, older, panel, { scoreRisk })).toMatchObject({
    promoted: true,
    reason: "as_good_as_champion",
    challenger_mae: champion_mae,
  });
});

it("takes the newer one while no outcome is known that the champion had not learned from, unless its test speaks against it", () => {
  const live = loadModel(challenger);
  expect(decidePromotion(challenger, live, panel, { scoreRisk })).toMatchObject({
    promoted: true,
    reason: "too_few_outcomes",
    n: 0,
  });
  const { tested } = challenger;
  const worse = { ...challenger, tested: { ...tested, values: tested.values.map((value) => value + 50) } };
  expect(decidePromotion(worse, live, panel, { scoreRisk })).toMatchObject({
    promoted: false,
    reason: "too_few_outcomes",
  });
});

it("keeps a champion without a fitted model when the challenger has none either and forecasts the same", () => {
  const young = syntheticPanel({ markets: 9, days: 50, seed: 3, process: "random-walk" });
  const lastDay = Math.max(...young.flatMap(({ days }) => [...days]));
  const early = young.map((series) => truncateSeries(series, lastDay - 15));
  const naive = loadModel(trainModel("yield", early, options));
  const next = trainModel("yield", young, options);
  expect([naive.header.served_by, next.served_by]).toEqual(["baseline", "baseline"]);
  const valueAt = valuesOf(naive, next, young);
  const tie = {
    ...next,
    tested: {
      ...next.tested,
      values: next.tested.values.map((value, position) => valueAt(position) ?? value),
    },
  };
  expect(decidePromotion(tie, naive, young, { scoreRisk })).toMatchObject({
    promoted: false,
    reason: "not_better_than_baseline",
  });
});

it("replaces a champion that has become bad, by a model or by a baseline", () => {
  const bad = { ...champion, space: { ...champion.space, low: 300 } };
  const decision = decidePromotion(challenger, bad, panel, { scoreRisk });
  expect(decision.promoted).toBe(true);
  expect(decision.champion_mae).toBeGreaterThan(decision.challenger_mae ?? Number.NaN);
  const naive = {
    ...challenger,
    served_by: "baseline" as const,
    tested: { ...challenger.tested, values: challenger.tested.baseline_values },
  };
  expect(decidePromotion(naive, bad, panel, { scoreRisk })).toMatchObject({
    promoted: true,
    reason: "champion_fell_behind_baseline",
  });
});

it("keeps the champion when the challenger errs clearly more", () => {
  const { tested } = challenger;
  const worse = { ...challenger, tested: { ...tested, values: tested.values.map((value) => value + 50) } };
  expect(decidePromotion(worse, champion, panel, { scoreRisk })).toMatchObject({
    promoted: false,
    reason: "not_better_than_champion",
  });
});

it("refuses to compare with a champion that was trained on other features", () => {
  const other = { ...champion, header: { ...champion.header, feature_names: ["phase_of_the_moon"] } };
  expect(() => decidePromotion(challenger, other, panel, { scoreRisk })).toThrow(
    expect.objectContaining({ code: "UNSUPPORTED_ARTEFACT" }),
  );
});

it("does not depend on the order of the panel", () => {
  expect(decidePromotion(challenger, champion, [...panel].reverse(), { scoreRisk })).toEqual(
    decidePromotion(challenger, champion, panel, { scoreRisk }),
  );
});

/** What a model says about the forecasts of a challenger's test since its own day, as the API would have served them. */
function valuesOf(
  model: LoadedModel,
  { tested }: TrainedModel,
  markets: readonly MarketSeries[],
): (position: number) => number | undefined {
  const { days, market, market_ids } = tested;
  const byDay = new Map<number, Map<string, number>>();
  for (let day = model.header.as_of_day; day <= Math.max(...days); day += 1) {
    const { markets: forecasts } = forecastPanel(model, markets, { scoreRisk, asOfDay: day });
    const fresh = forecasts.filter(({ as_of_day }) => as_of_day === day);
    byDay.set(day, new Map(fresh.map(({ market_id, value }) => [market_id, value])));
  }
  return (position) => byDay.get(days[position] ?? 0)?.get(market_ids[market[position] ?? -1] ?? "");
}
