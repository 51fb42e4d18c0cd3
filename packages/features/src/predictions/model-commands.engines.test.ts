import { expect, it } from "vitest";
import { createTestApi, forecastHere, importLater, promoteAlways, trainOnce } from "../testing/index.ts";
import { ModelCommandError, rollBackModel } from "./model-commands.service.ts";
import type { DecidePromotion } from "./model-work.ts";
import { retrainModels } from "./retrain-models.service.ts";

const day = 86_400_000;
/** An API whose first models were followed by others a week later, and the versions of the yield models in turn. */
async function createSuccession(decide: DecidePromotion = promoteAlways) {
  const api = await createTestApi({ withForecasts: true });
  api.clock.advance(day);
  await importLater(api, 6);
  await retrainModels(api.deps, { horizonDays: 7, train: trainOnce, decide, forecast: forecastHere });
  api.clock.advance(day);
  const ada = await api.signUp();
  const { items } = await ada.predictions.models({ kind: "yield" });
  const [second = "", first = ""] = items.map(({ model }) => model.version);
  return { api, ada, first, second, [Symbol.asyncDispose]: () => api[Symbol.asyncDispose]() };
}

const change = { kind: "yield", horizonDays: 7, version: undefined, forecast: forecastHere } as const;

it("lets one of two rollbacks at once do it", async () => {
  await using succession = await createSuccession();
  const { api, ada, first } = succession;
  const results = await Promise.allSettled([
    rollBackModel(api.deps, change),
    rollBackModel(api.deps, change),
  ]);
  expect(results.map(({ status }) => status).toSorted()).toEqual(["fulfilled", "rejected"]);
  expect(results.find(({ status }) => status === "rejected")).toMatchObject({
    reason: expect.any(ModelCommandError),
  });
  expect((await ada.predictions.yield_forecast()).model.version).toBe(first);
});
