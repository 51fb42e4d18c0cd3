import { inverse } from "../forecast/forecast-space.ts";
import { at, mean } from "../numbers.ts";
import type { Candidate } from "../training/train-candidate.ts";
import type { WalkForwardData } from "../training/walk-forward.ts";
import type { PromotionDecision } from "./promotion-rule.ts";
import { promotionOf } from "./promotion-rule.ts";

/** The walk-forward test, as it would have been served; arrays are aligned. */
export interface TestedForecasts {
  /** Ids of the markets that `market` counts. */
  market_ids: string[];
  market: Int32Array;
  days: Int32Array;
  /** Natural units: forecasts of what serves now, forecasts of the best baseline, and the outcomes. */
  values: Float64Array;
  baseline_values: Float64Array;
  outcomes: Float64Array;
}

/** The test of a candidate; position i is row i of its `testRows`. */
export function testedForecasts(data: WalkForwardData, candidate: Candidate): TestedForecasts {
  const { table, panel } = data;
  const { space, testRows, testCentres, baseline } = candidate;
  return {
    market_ids: panel.map(({ market_id }) => market_id),
    market: testRows.map((row) => at(table.market, row)),
    days: testRows.map((row) => at(table.day, row)),
    values: testCentres.map((centre) => inverse(space, centre)),
    baseline_values: Float64Array.from(testRows, (row) => at(table.baselines[baseline], row)),
    outcomes: Float64Array.from(testRows, (row) => at(table.target, row)),
  };
}

/**
 * Compares a challenger with the champion on the forecasts of its test that the champion can make without having
 * learned from their outcomes; see `promotionOf` for the rule.
 *
 * @param championValue the champion's value at a position of the test, undefined where it has none to compare;
 * undefined when nothing serves yet
 */
export function judgeChallenger(
  challenger: { tested: TestedForecasts; servedBy: "model" | "baseline" },
  championValue: ((position: number) => number | undefined) | undefined,
): PromotionDecision {
  const { tested, servedBy } = challenger;
  const positions = Array.from(tested.days.keys()).filter(
    (position) => championValue === undefined || championValue(position) !== undefined,
  );
  const errorsOf = (valueAt: (position: number) => number) =>
    Float64Array.from(positions, (position) => Math.abs(valueAt(position) - at(tested.outcomes, position)));
  return promotionOf(
    {
      days: Int32Array.from(positions, (position) => at(tested.days, position)),
      challenger: errorsOf((position) => at(tested.values, position)),
      champion: championValue && errorsOf((position) => championValue(position) ?? Number.NaN),
      baseline: errorsOf((position) => at(tested.baseline_values, position)),
    },
    {
      servedBy,
      test: {
        challenger: meanError(tested, tested.values),
        baseline: meanError(tested, tested.baseline_values),
      },
    },
  );
}

function meanError({ outcomes }: TestedForecasts, values: Float64Array): number {
  return mean(values.map((value, position) => Math.abs(value - at(outcomes, position))));
}
