import { expect, it } from "vitest";
import { createAdviser } from "../advice/adviser.ts";
import { testMarket, testRequest } from "../test-support/advice-fixtures.ts";
import { type AdviceDay, baselinesOf, realisedImprovement, startsOf } from "./advice-outcomes.ts";
import { type Outcome, quantile90, reportOf } from "./advice-report.ts";

const certain = (value: number) => ({ value, lower: value, upper: value, level: 0.9 });
const here = testMarket("here", 2, { apy: certain(2), tvl_usd: null });
const there = testMarket("there", 9, { apy: certain(9), tvl_usd: null });
const markets = [here, there];
const held = [{ protocol: "here", market_id: "here", basis_points: 5_000 }];

/** A day after which each market earned so much. */
function dayWith(earned: Readonly<Record<string, number>>, round = 0): AdviceDay {
  return { day: 0, round, markets, realised: (id) => earned[id] ?? Number.NaN };
}

const advice = (await createAdviser()).advise(testRequest(markets, { held }));

it("credits a move with what came true, less all of its cost", () => {
  expect(advice.outcome).toBe("rebalance");
  const shares = new Map(advice.lines.map(({ market_id, target_bp }) => [market_id, target_bp / 10_000]));
  const inHere = shares.get("here") ?? 0;
  const inThere = shares.get("there") ?? 0;
  const earned = inHere * 1 + inThere * 6 - 0.5 * 1;
  expect(realisedImprovement(advice, dayWith({ here: 1, there: 6 }))).toBeCloseTo(
    earned - advice.annual_cost,
    10,
  );
});

it("lets a market that is not observed any more have earned nothing", () => {
  const realised = realisedImprovement(advice, dayWith({ here: 1 }));
  expect(realised).toBeCloseTo(realisedImprovement(advice, dayWith({ here: 1, there: 0 })), 10);
  expect(realised).toBeLessThan(0.5);
});

it("compares with simple rules in the same place, and with hindsight, net of gas", () => {
  const facts = { eligible: markets, held, amountUsd: 1_000, horizonDays: 365 };
  const gas = (count: number) => ((0.1 * count) / 1_000) * 100;
  // What looked best turned out worst.
  const baselines = baselinesOf(dayWith({ here: 4, there: 1 }), facts);
  expect(baselines.hold).toBe(0);
  expect(baselines.equal_weights).toBeCloseTo(2.5 - 2 - gas(2), 10);
  expect(baselines.highest_current_apy).toBeCloseTo(1 - 2 - gas(2), 10);
  expect(baselines.oracle).toBeCloseTo(4 - 2 - gas(1), 10);
});

it("begins with nothing, with half in one market and with all in two, which rounds take in turn", () => {
  const three = [here, there, testMarket("third", 3)];
  const startsIn = (round: number) =>
    startsOf(dayWith({}, round), three).map((start) => start.map(({ market_id }) => market_id));
  expect(startsIn(0)).toEqual([[], ["here"], ["there"], ["here", "there"], ["there", "third"]]);
  expect(startsIn(1)).toEqual([[], ["third"], ["here"], ["third", "here"], ["here", "there"]]);
  expect(startsOf(dayWith({}), [])).toEqual([[]]);
});

it("sums up moves that nothing forced, and counts the others", () => {
  const baselines = { hold: 0, equal_weights: 1, highest_current_apy: 2, oracle: 3 };
  const outcome = (realised: number, overrides: Partial<Outcome> = {}): Outcome => ({
    tolerance: "medium",
    holder: "USDC",
    advice: {
      ...advice,
      expected_improvement: 1,
      improvement_interval: { level: 0.9, lower: 0, upper: 2 },
    },
    isMove: true,
    isForced: false,
    realised,
    baselines,
    ...overrides,
  });
  const holding = { ...advice, outcome: "hold" as const };
  const outcomes = [
    outcome(2),
    outcome(-1),
    outcome(9, { isForced: true }),
    outcome(9, { advice: holding, isMove: false }),
  ];
  expect(reportOf("medium", "USDC", outcomes)).toMatchObject({
    n: 4,
    moves: 2,
    forced: 1,
    promised_pp: 1,
    realised_pp: 0.5,
    beat_hold: 0.5,
    worst_pp: -1,
    coverage_90: 0.5,
    baselines,
  });
  expect(reportOf("medium", "USDC", [])).toMatchObject({ n: 0, moves: 0, realised_pp: null, worst_pp: null });
  expect(quantile90(outcomes.slice(0, 2))).toBe(2);
  expect(quantile90([])).toBeNull();
});
