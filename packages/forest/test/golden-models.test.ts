import { expect, test } from "vitest";
import { modelSha256, serializeModel } from "../src/index.ts";
import { fitGoldenModels } from "./golden-models.ts";

/**
 * The SHA-256 of each model, the same on Node 22 and Node 24. A change here means that fitting or the format changed:
 * then raise the format version, or say in the change why models are no longer the same.
 */
const hashes = {
  forest: "0172bc40033ac196416b358b0670fc615b465e763e1ff18a7a4668e532ddf4dc",
  "forest with every option, missing values and weights":
    "fac91c7029cff1c70d8bcbafb4225bfe9ad8b67e902e532143e7521f664136f7",
  boosting: "00e4151baddf2d5818f14553746cdd95d4e732e9532ada3f68ee01630c5614e3",
  "boosting with every option, missing values and weights":
    "f99b351882b6ca0c149655a29654a8d1aecdaf6f6df8f4cba406eb33c6a54451",
  "boosting of the absolute loss, stopped early":
    "396c844bacebb6a1334a4719982f0c0b6eaf478929eaefd605484c6bfd53ade2",
  "boosting of a quantile": "1033b09ac44ad48857f88f661cd63b187c7243662b23b553e2c60972bb720771",
};

test("models have the same bytes on every run, machine and version of Node", async () => {
  const actual: Record<string, string> = {};
  for (const [name, model] of fitGoldenModels()) actual[name] = await modelSha256(serializeModel(model));
  expect(actual).toEqual(hashes);
});
