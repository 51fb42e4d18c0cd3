import { expect, it } from "vitest";
import {
  createTestApi,
  forecastHere,
  importLater,
  promoteAlways,
  type TestApi,
  trainOnce,
  trainOnceWith,
} from "../../testing/index.ts";
import type { DecidePromotion } from "./model-work.ts";
import { retrainModels } from "./retrain-models.service.ts";

const retraining = { horizonDays: 7, train: trainOnce, decide: promoteAlways, forecast: forecastHere };

/** The decisions of all tests' newest kind, oldest first. */
function decisions({ deps: { db } }: TestApi) {
  return db.selectFrom("model_decisions").selectAll().orderBy("sequence").execute();
}

it("decides once when two processes train on the same import", async () => {
  await using api = await createTestApi({ withForecasts: true });
  await importLater(api, 7);
  const bothDecide = meetingOf(2);
  const decide: DecidePromotion = async (...contest) => {
    await bothDecide();
    return promoteAlways(...contest);
  };
  const [one, other] = await Promise.all([
    retrainModels(api.deps, { ...retraining, decide }),
    retrainModels(api.deps, { ...retraining, decide }),
  ]);
  expect(one).toEqual(other);
  expect((await decisions(api)).map(({ kind, outcome }) => [kind, outcome])).toEqual([
    ["risk", "promoted"],
    ["yield", "promoted"],
    ["risk", "promoted"],
    ["yield", "promoted"],
  ]);
});

it("decides again when another process changed the champion meanwhile", async () => {
  await using api = await createTestApi({ withForecasts: true });
  await importLater(api, 7);
  const trainOther = trainOnceWith({ seed: 2 });
  const champions: (string | undefined)[] = [];
  let first: Awaited<ReturnType<typeof retrainModels>> | undefined;
  const decide: DecidePromotion = async (challenger, champion, panel) => {
    champions.push(champion?.version);
    first ??= await retrainModels(api.deps, retraining);
    return promoteAlways(challenger, champion, panel);
  };
  const second = await retrainModels(api.deps, { ...retraining, train: trainOther, decide });
  expect(champions).toEqual([
    api.models?.risk.version,
    first?.yield.version,
    first?.risk.version,
    first?.yield.version,
  ]);
  const stored = (await decisions(api)).slice(2);
  expect(
    stored.map(({ champion_version, challenger_version }) => [champion_version, challenger_version]),
  ).toEqual([
    [api.models?.risk.version, first?.risk.version],
    [api.models?.yield.version, first?.yield.version],
    [first?.risk.version, second.risk.version],
    [first?.yield.version, second.yield.version],
  ]);
});

/** Lets nobody go on before so many have come; whoever comes later passes. */
function meetingOf(count: number): () => Promise<void> {
  const complete = Promise.withResolvers<void>();
  let present = 0;
  return () => {
    present += 1;
    if (present >= count) complete.resolve();
    return complete.promise;
  };
}
