import { createResponseCache, createSharedCache } from "@obsqra/platform";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { recordActuals } from "../predictions/forecasts/actuals.service.ts";
import { rollBackModel } from "../predictions/models/model-commands.service.ts";
import { retrainModels } from "../predictions/models/retrain-models.service.ts";
import {
  callerWith,
  codeOf,
  createTestApi,
  forecastHere,
  importLater,
  promoteAlways,
  recordStatements,
  type TestApi,
  trainOnce,
} from "../testing/index.ts";
import { registerProtocols } from "./market.service.ts";

type Caller = TestApi["caller"] extends () => infer TCaller ? TCaller : never;

/** What is read from the cache, and what of its statements is costly. */
const reads = {
  risk_history: {
    ask: (caller: Caller) => caller.analytics.risk_history(),
    costly: /from risk_history/,
    isPublic: true,
  },
  dashboard: {
    ask: (caller: Caller) => caller.analytics.dashboard(),
    costly: /from risk_history/,
    isPublic: false,
  },
  track_record: {
    ask: (caller: Caller) => caller.predictions.track_record(),
    costly: /of_model as/,
    isPublic: true,
  },
} as const;
const names = Object.keys(reads) as (keyof typeof reads)[];

async function signUp({ caller, deps }: TestApi): Promise<string> {
  const account = { email: `${deps.createId()}@example.org`, password: "correct horse battery" };
  return (await caller().auth.register({ ...account, full_name: "Ada" })).access_token;
}

/** A caller of a process of its own, with what it sends to the database. Processes share responses on either engine. */
function startProcess(api: TestApi, token: string, isShared = true) {
  const { db, statements } = recordStatements(api.deps.db);
  const shared = isShared ? createSharedCache(api.deps, { waitMsMax: 60_000 }) : undefined;
  const cache = createResponseCache({ log: api.deps.log, shared });
  return { caller: callerWith(api, { db, cache }, token), statements };
}

async function askAll(caller: Caller) {
  const responses = [];
  for (const name of names) responses.push(await reads[name].ask(caller));
  return responses;
}

describe("while the data is the same", () => {
  /** Shared, because models take seconds to train: these tests only read. */
  let api: TestApi;

  beforeAll(async () => {
    api = await createTestApi({ withForecasts: true });
  });

  afterAll(() => api[Symbol.asyncDispose]());

  it.each(names)("computes %s once for 200 who ask at the same time", async (name) => {
    const { caller, statements } = startProcess(api, await signUp(api));
    const { ask, costly } = reads[name];
    const responses = await Promise.all(Array.from({ length: 200 }, () => ask(caller)));
    expect(new Set(responses.map((response) => JSON.stringify(response))).size).toBe(1);
    expect(statements.filter((statement) => costly.test(statement))).toHaveLength(1);
  });

  it.each(names)(
    "asks for access, where it is not public, and the version of the data, and for %s not again",
    async (name) => {
      const { caller, statements } = startProcess(api, await signUp(api));
      const { ask, costly, isPublic } = reads[name];
      const first = await ask(caller);
      const before = statements.length;
      expect(await ask(caller)).toEqual(first);
      const again = statements.slice(before);
      expect(again).toHaveLength(isPublic ? 1 : 2);
      expect(again.filter((statement) => costly.test(statement))).toEqual([]);
    },
  );

  it.each(names)("takes over %s from another process", async (name) => {
    const token = await signUp(api);
    const { ask, costly } = reads[name];
    const computed = await ask(startProcess(api, token).caller);
    const { caller, statements } = startProcess(api, token);
    expect(await ask(caller)).toEqual(computed);
    expect(statements.filter((statement) => costly.test(statement))).toEqual([]);
  });

  it("gives from the cache exactly what is computed", async () => {
    const token = await signUp(api);
    const computed = await askAll(startProcess(api, token, false).caller);
    await askAll(startProcess(api, token).caller);
    const shared = startProcess(api, token).caller;
    for (const _ of ["from the table", "from memory"]) {
      expect(JSON.stringify(await askAll(shared))).toBe(JSON.stringify(computed));
    }
  });

  it("keeps other questions apart", async () => {
    const { caller } = startProcess(api, await signUp(api));
    const daysOf = async (days: number) => (await caller.analytics.dashboard({ days })).period.days;
    expect([await daysOf(5), await daysOf(6), await daysOf(5)]).toEqual([5, 6, 5]);
    const all = await caller.analytics.risk_history();
    const some = await caller.analytics.risk_history({ protocol: "vesu" });
    expect(some.items.length).toBeLessThan(all.items.length);
  });

  it("keeps what one user holds from another", async () => {
    const process = createResponseCache({ log: api.deps.log });
    const [ada, eve] = [await signUp(api), await signUp(api)].map((token) =>
      callerWith(api, { cache: process }, token),
    );
    const allocation = { vesu: 100 };
    const tx_hash = `0x${api.deps.createId().replaceAll("-", "")}`;
    await ada?.transactions.create({ tx_hash, tx_type: "allocate", amount: "1", allocation });
    expect((await ada?.analytics.dashboard())?.latest_allocation).toMatchObject({ allocation });
    expect((await eve?.analytics.dashboard())?.latest_allocation).toBeNull();
  });
});

it("shows new data at once, in the process that loaded it and in another", async () => {
  await using api = await createTestApi({ withForecasts: true });
  const token = await signUp(api);
  const [here, elsewhere] = [startProcess(api, token), startProcess(api, token)];
  const retraining = { horizonDays: 7, train: trainOnce, decide: promoteAlways, forecast: forecastHere };
  const changes = {
    "history is imported": () => importLater(api, 8),
    "outcomes are recorded": () => recordActuals(api.deps),
    "models are trained": () => retrainModels(api.deps, retraining),
    "a model is rolled back": () =>
      rollBackModel(api.deps, { kind: "risk", horizonDays: 7, version: undefined, forecast: forecastHere }),
    "a protocol is paused": () =>
      api.deps.db.updateTable("protocols").set({ status: "paused" }).where("name", "=", "vesu").execute(),
    "the registry is put right": () => registerProtocols(api.deps),
  };
  for (const [change, make] of Object.entries(changes)) {
    const before = await askAll(here.caller);
    expect(await askAll(elsewhere.caller), change).toEqual(before);
    await make();
    const expected = await askAll(startProcess(api, token, false).caller);
    here.statements.length = 0;
    expect(await askAll(here.caller), change).toEqual(expected);
    expect(await askAll(elsewhere.caller), change).toEqual(expected);
    // The forecasts of both models are on record already: going back to one is computed, and changes none of these.
    if (change !== "a model is rolled back") expect(expected, change).not.toEqual(before);
    else expect(here.statements).toContainEqual(expect.stringMatching(reads.track_record.costly));
  }
});

it("does not keep a failure", async () => {
  await using api = await createTestApi();
  await importLater(api, 0);
  const { caller } = startProcess(api, await signUp(api));
  const rename = (from: string, to: string) => api.deps.db.schema.alterTable(from).renameTo(to).execute();
  await rename("risk_history", "away");
  expect(await codeOf(caller.analytics.risk_history())).toBe("INTERNAL_ERROR");
  await rename("away", "risk_history");
  expect((await caller.analytics.risk_history()).items).not.toEqual([]);
});
