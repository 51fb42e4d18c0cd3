import { expect, it } from "vitest";
import { forecastPanel } from "../forecast/forecast-panel.ts";
import type { LoadedModel } from "../model-format/model-artefact.ts";
import { loadModel } from "../model-format/model-artefact.ts";
import { truncateSeries } from "../panel/market-series.ts";
import { scoreRisk } from "../test-support/score-risk.ts";
import { syntheticPanel } from "../test-support/synthetic-panel.ts";
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
    challenger_mae: expect.closeTo(metrics.model?.mae_mean ?? Number.NaN, 9),
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

it("does not replace a champion by one that forecasts the same", () => {
  // The same model, as if it had been trained a month before: its own test is what it would have served.
  const same = loadModel(challenger);
  const older = { ...same, header: { ...same.header, as_of_day: 19_139 } };
  const { n, champion_mae } = decidePromotion(challenger, older, panel, { scoreRisk });
  expect(n).toBeGreaterThan(100);
  const valueAt = valuesOf(older);
  const tie = {
    ...challenger,
    tested: {
      ...challenger.tested,
      values: challenger.tested.values.map((value, position) => valueAt(position) ?? value),
    },
  };
  expect(decidePromotion(tie, older, panel, { scoreRisk })).toMatchObject({
    promoted: false,
    reason: "not_better_than_champion",
    challenger_mae: champion_mae,
  });
});

it("keeps the champion while no outcome is known that it had not learned from", () => {
  expect(decidePromotion(challenger, loadModel(challenger), panel, { scoreRisk })).toMatchObject({
    promoted: false,
    reason: "too_few_outcomes",
    n: 0,
  });
});

it("compares a champion that serves a baseline on the whole test, and keeps it on a tie", () => {
  const walk = syntheticPanel({ markets: 9, days: 170, seed: 3, process: "random-walk" });
  const naive = trainModel("yield", walk, options);
  expect(naive.served_by).toBe("baseline");
  const decision = decidePromotion(naive, loadModel(naive), walk, { scoreRisk });
  expect(decision).toMatchObject({
    promoted: false,
    reason: "not_better_than_baseline",
    n: naive.tested.days.length,
  });
  expect(decision.champion_mae).toBe(decision.challenger_mae);
});

it("replaces a champion that has become bad, by a model or by a baseline", () => {
  const bad = { ...champion, header: { ...champion.header, shrinkage: -5 } };
  const decision = decidePromotion(challenger, bad, panel, { scoreRisk });
  expect(decision).toMatchObject({ promoted: true, reason: "beats_champion_and_baseline" });
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

/** What a model says about the forecasts of the challenger's test since 19,139, as the API would have served them. */
function valuesOf(model: LoadedModel): (position: number) => number | undefined {
  const { days, market, market_ids } = challenger.tested;
  const byDay = new Map<number, Map<string, number>>();
  for (let day = 19_139; day < 19_170; day += 1) {
    const { markets } = forecastPanel(model, panel, { scoreRisk, asOfDay: day });
    const fresh = markets.filter(({ as_of_day }) => as_of_day === day);
    byDay.set(day, new Map(fresh.map(({ market_id, value }) => [market_id, value])));
  }
  return (position) => byDay.get(days[position] ?? 0)?.get(market_ids[market[position] ?? -1] ?? "");
}
