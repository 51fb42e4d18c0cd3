import { emptyFlagCounts } from "@obsqra/market";
import type { CandidateReport, EvaluationReport } from "@obsqra/ml";
import type { Evaluation } from "./run-evaluation.ts";

/** A made-up evaluation, with a figure of each kind. Test code only. */
export function testEvaluation(name = "history.csv", horizon = 7): Evaluation {
  return {
    target: "yield",
    file: {
      name,
      sha256: "ab".repeat(32),
      rows: {
        reading: 2,
        rows_read: 10,
        rows_loaded: 9,
        rows_rejected: 1,
        rejected: [{ line: 3, reason: "pool is missing" }],
        duplicates: 0,
        duplicates_differing: 0,
        differing: [],
        flags: emptyFlagCounts(),
        impossible: [],
      },
    },
    column: "apy",
    cap: 500,
    days: 90,
    until: undefined,
    report: testReport(horizon),
    others: [testReport(30)],
  };
}

function testReport(horizon: number): EvaluationReport {
  return {
    target: "yield",
    horizon,
    first_day: 20_000,
    last_day: 20_089,
    forecasts: 1200,
    markets: 12,
    best_baseline: "mean_7d",
    served: candidate("served", 1.9),
    model: candidate("model", 1.8),
    baselines: [candidate("last_value", 2.5), candidate("mean_7d", 2)],
    cells: [
      { project: "fixture-swap", regime: "moving", horizon, n: 500, coverage_90: 0.94 },
      { project: "fixture-lend", regime: "flat", horizon, n: 500, coverage_90: 0.9401 },
      { project: "fixture-loan", regime: "moving", horizon, n: 200, coverage_90: 0.5 },
    ],
    regimes: [
      {
        regime: "moving",
        horizon,
        n: 700,
        coverage: [0.5, 0.8, 0.9, 0.95].map((level) => ({ level, coverage: level })),
        interval_score_90: 4.5,
      },
    ],
    worst_weeks: [{ markets: "all", horizon, first_day: 20_028, n: 100, coverage_90: 0.81 }],
    ablations: [
      {
        rules: "as served",
        horizon,
        moving: [0.5, 0.8, 0.9, 0.95],
        all: [0.51, 0.81, 0.91, 0.96],
        flat_90: null,
        worst_week: 0.81,
        worst_week_moving: null,
        interval_score_50: 3.5,
        interval_score_90: 4.5,
      },
    ],
    protocols: [
      { project: "fixture-swap", horizon, n: 90, mae_mean: 1.2, last_value_mae: 1.5, coverage_90: 0.88 },
    ],
    reliability: [{ from: 0.4, to: 0.6, n: 80, stated: 0.52, observed: 0.49 }],
    peer: null,
    decisions: [
      {
        day: 20_014,
        promoted: true,
        reason: "first_model",
        served_by: "model",
        challenger_mae: 1.8,
        champion_mae: null,
        baseline_mae: 2,
        n: 180,
      },
    ],
  };
}

function candidate(name: CandidateReport["name"], mae: number): CandidateReport {
  return {
    name,
    mae_mean: mae,
    mae_median_pool: mae / 2,
    pinball: mae / 4,
    intervals: [0.5, 0.8, 0.9, 0.95].map((level) => ({
      level,
      coverage: level,
      width_mean: 4 * level,
      width_median: 2 * level,
      interval_score: 5 * level,
    })),
    pools_improved: name === "served" || name === "model" ? 0.75 : null,
  };
}
