import { expect, test } from "vitest";
import * as forest from "./index.ts";

test("exports exactly this", () => {
  expect(Object.keys(forest).sort()).toEqual([
    "ForestError",
    "createRandom",
    "deserializeModel",
    "fitGradientBoosting",
    "fitRandomForest",
    "fitRandomForestWithOutOfBag",
    "matrixFromRows",
    "predictBatch",
    "predictRow",
    "serializeModel",
  ]);
});
