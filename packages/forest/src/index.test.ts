import { expect, test } from "vitest";
import * as forest from "./index.ts";

test("exports exactly this", () => {
  expect(Object.keys(forest).sort()).toEqual([
    "ForestError",
    "binFeatures",
    "createRandom",
    "deserializeModel",
    "explainRow",
    "fitGradientBoosting",
    "fitRandomForest",
    "fitRandomForestWithOutOfBag",
    "matrixFromRows",
    "modelSha256",
    "predictBatch",
    "predictRow",
    "serializeModel",
  ]);
});
