import { expect, it } from "vitest";
import { toEvaluationJson } from "./evaluation-json.ts";
import { testEvaluation } from "./test-evaluation.ts";

it("begins with what programs rely on, and nothing else in these parts", () => {
  const json = toEvaluationJson(testEvaluation());
  expect(Object.keys(json).slice(0, 6)).toEqual([
    "target",
    "horizon",
    "forecasts",
    "served",
    "baselines",
    "cells",
  ]);
  expect(json).toMatchObject({
    target: "yield",
    horizon: 7,
    forecasts: 1200,
    served: {
      name: "served",
      mae_mean: 1.9,
      mae_median_pool: 0.95,
      interval_score_90: 4.5,
      coverage: { "50": 0.5, "80": 0.8, "90": 0.9, "95": 0.95 },
    },
    baselines: [
      { name: "last_value", mae_mean: 2.5, mae_median_pool: 1.25 },
      { name: "mean_7d", mae_mean: 2, mae_median_pool: 1 },
    ],
    column: "apy",
    first_day: "2024-10-04",
  });
  // As a program reads it.
  const { served, baselines, cells } = JSON.parse(JSON.stringify(json)) as Record<string, object>;
  expect(Object.keys(served ?? {})).toHaveLength(5);
  expect(baselines).toEqual(expect.arrayContaining([{ name: "mean_7d", mae_mean: 2, mae_median_pool: 1 }]));
  expect(cells).toHaveLength(6);
  expect(cells).toContainEqual({
    project: "fixture-swap",
    regime: "moving",
    horizon: 30,
    n: 500,
    coverage_90: 0.94,
  });
});
