import type { DecidePromotion } from "../predictions/models/model-work.ts";
import { retrainModels } from "../predictions/models/retrain-models.service.ts";
import { createTestApi } from "./create-test-api.ts";
import { forecastHere } from "./forecast-here.ts";
import { importLater } from "./import-later.ts";
import { promoteAlways } from "./promote-always.ts";
import { trainOnce } from "./train-once.ts";

const dayMs = 86_400_000;

/** An API whose first models were followed by others a week later, and the versions of the yield models in turn. */
export async function createModelSuccession(decide: DecidePromotion = promoteAlways) {
  const api = await createTestApi({ withForecasts: true });
  await importLater(api, 7);
  await retrainModels(api.deps, { horizonDays: 7, train: trainOnce, decide, forecast: forecastHere });
  api.clock.advance(dayMs);
  const ada = await api.signUp();
  const { items } = await ada.predictions.models({ kind: "yield" });
  const [second = "", first = ""] = items.map(({ model }) => model.version);
  return { api, ada, first, second, [Symbol.asyncDispose]: () => api[Symbol.asyncDispose]() };
}

/** What is common to changes of the yield model in such a succession. */
export const changeOfYield = {
  kind: "yield",
  horizonDays: 7,
  version: undefined,
  forecast: forecastHere,
} as const;
