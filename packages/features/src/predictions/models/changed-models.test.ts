import type { DatabaseTransaction } from "@obsqra/db";
import { withoutRules } from "@obsqra/db/testing";
import { sql } from "kysely";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { findImport } from "../../market/market.service.ts";
import {
  codeOf,
  createTestApi,
  forecastHere,
  importLater,
  promoteAlways,
  type TestApi,
  trainOnce,
} from "../../testing/index.ts";
import { recordActuals } from "../forecasts/actuals.service.ts";
import { checkModel, ModelChangedError } from "./check-model.ts";
import { promoteModel, rollBackModel } from "./model-commands.service.ts";
import { findLiveModel, type StoredModelRow } from "./models.queries.ts";
import { loadLiveModels } from "./models.service.ts";
import { retrainModels } from "./retrain-models.service.ts";

const line = { kind: "risk", source: "simulated" } as const;
const retraining = { horizonDays: 7, train: trainOnce, decide: promoteAlways, forecast: forecastHere };

/** Another value for every column of `models`, written as somebody could who has all rights on the database. */
const changes: Readonly<Record<string, string>> = {
  version: `version || '0'`,
  kind: `case kind when 'risk' then 'yield' else 'risk' end`,
  horizon_days: `horizon_days + 1`,
  algorithm: `algorithm || 'x'`,
  served_by: `case served_by when 'model' then 'baseline' else 'model' end`,
  parameters: `jsonb_set(parameters, '{apy_cap_percent}', '499')`,
  metrics: `jsonb_set(metrics, '{served,model_mae}', '0.01')`,
  training_data_sha256: `reverse(training_data_sha256)`,
  artefact_sha256: `reverse(artefact_sha256)`,
  manifest_sha256: `null`,
  created_at: `created_at - interval '1 year'`,
};

/** What no response and no stored forecast is read from: the file is checked where it is loaded. */
const loadedOnly: Readonly<Record<string, string>> = { artefact: `set_byte(artefact, 100, 0)` };

let api: TestApi;
let ada: Awaited<ReturnType<TestApi["signUp"]>>;
let version: string;
let row: StoredModelRow;

beforeAll(async () => {
  api = await createTestApi({ withForecasts: true });
  ada = await api.signUp();
  version = api.models?.risk.version ?? "";
  row = (await findLiveModel(api.deps.db, { ...line, now: api.clock() })) ?? expect.fail("A model is live.");
});

afterAll(() => api[Symbol.asyncDispose]());

async function change(column: string, value: string, of = version): Promise<void> {
  await withoutRules(api.deps.db, async (trx) => {
    await sql`update models set ${sql.ref(column)} = ${sql.raw(value)} where version = ${of}`.execute(trx);
  });
}

/** The rows of `models` as they are, to be put back. */
async function remember(): Promise<() => Promise<void>> {
  await sql`create table kept as table models`.execute(api.deps.db);
  return async () => {
    await withoutRules(api.deps.db, async (trx: DatabaseTransaction) => {
      await sql`delete from models`.execute(trx);
      await sql`insert into models select * from kept`.execute(trx);
    });
    await sql`drop table kept`.execute(api.deps.db);
  };
}

async function withChange(column: string, value: string, check: () => Promise<void>): Promise<void> {
  const restore = await remember();
  try {
    await change(column, value);
    await check();
  } finally {
    await restore();
  }
}

function startedModels() {
  return findImport(api.deps, line.source).then((latest) =>
    loadLiveModels(api.deps, { horizonDays: 7, importId: latest?.id ?? "" }),
  );
}

/** What was logged last, with all causes. */
function lastLogged(): string {
  const { err } = (api.logged.at(-1)?.facts ?? {}) as { err?: unknown };
  const messages: string[] = [];
  for (let cause = err; cause instanceof Error; cause = cause.cause) messages.push(cause.message);
  return messages.join("\n");
}

it("changes every column that there is", async () => {
  const [stored] = await api.deps.db.selectFrom("models").selectAll().limit(1).execute();
  expect(Object.keys({ ...changes, ...loadedOnly }).sort()).toEqual(Object.keys(stored ?? {}).sort());
});

describe.each(Object.entries(changes))("a model of which %s was changed", (column, value) => {
  it("is served nowhere, and is named in the log", async () => {
    const calls = {
      risk_forecast: () => ada.predictions.risk_forecast(),
      models: () => ada.predictions.models(),
      run_optimization: () => ada.predictions.run_optimization(),
    };
    await withChange(column, value, async () => {
      for (const [name, call] of Object.entries(calls)) {
        api.logged.length = 0;
        expect([name, await codeOf(call())]).toEqual([name, "INTERNAL_ERROR"]);
        expect([name, lastLogged()]).toEqual([name, expect.stringContaining(version)]);
      }
      // The other kind is as it was.
      expect((await ada.predictions.yield_forecast()).model.version).toBe(api.models?.yield.version);
      await expect(startedModels()).rejects.toThrow(ModelChangedError);
      await expect(retrainModels(api.deps, retraining)).rejects.toThrow(ModelChangedError);
    });
    expect(await startedModels()).toEqual(api.models);
  });
});

it("checks the file of a model where it is loaded", async () => {
  for (const [column, value] of Object.entries(loadedOnly)) {
    await withChange(column, value, () =>
      expect(startedModels()).rejects.toThrow(`model ${version} does not match its hash`),
    );
  }
});

it("does not go on with an earlier model, or with fewer, when the row of one is gone", async () => {
  const restore = await remember();
  await withoutRules(api.deps.db, async (trx) => {
    await sql`delete from models where version = ${version}`.execute(trx);
  });
  expect(await codeOf(ada.predictions.risk_forecast())).toBe("INTERNAL_ERROR");
  expect(await codeOf(ada.predictions.models())).toBe("INTERNAL_ERROR");
  expect(lastLogged()).toContain(version);
  await restore();
});

it("notices a change anywhere in parameters and metrics, also when the hash beside them was made to fit", () => {
  let leaves = 0;
  for (const column of ["parameters", "metrics"] as const) {
    for (const changed of withOneLeafChanged(row[column])) {
      leaves += 1;
      expect(() => checkModel({ ...row, [column]: changed })).toThrow(ModelChangedError);
    }
  }
  expect(leaves).toBeGreaterThan(50);
  expect(checkModel(row)).toMatchObject({ version });
});

it("is not led to believe that a model is from before there were manifests", () => {
  const artefact_sha256 = `${version.slice("risk-".length)}${"0".repeat(40)}`;
  const older = { ...row, manifest_sha256: null, artefact_sha256, metrics: {} };
  expect(() => checkModel(older)).toThrow(ModelChangedError);
  const genuine = { ...row, version: `risk-${row.artefact_sha256?.slice(0, 12)}`, manifest_sha256: null };
  expect(checkModel(genuine)).toMatchObject({ version: genuine.version });
  expect(() => checkModel({ ...genuine, kind: "yield" })).toThrow(ModelChangedError);
});

it("records no outcome with parameters that were changed, says so, and records it once they are right again", async () => {
  await using own = await createTestApi({ withForecasts: true });
  await importLater(own, 8);
  const yieldVersion = own.models?.yield.version ?? "";
  await withoutRules(own.deps.db, async (trx) => {
    await sql`update models set parameters = jsonb_set(parameters, '{apy_cap_percent}', '1')
      where version = ${yieldVersion}`.execute(trx);
  });
  const first = await recordActuals(own.deps);
  expect(first.recorded).toBeGreaterThan(0);
  expect(first.unobserved).toBeGreaterThan(0);
  expect(own.logged.map(({ message }) => message)).toEqual([
    "The outcomes of a model's forecasts are not recorded.",
  ]);
  await withoutRules(own.deps.db, async (trx) => {
    await sql`update models set parameters = jsonb_set(parameters, '{apy_cap_percent}', '500')
      where version = ${yieldVersion}`.execute(trx);
  });
  expect(await recordActuals(own.deps)).toEqual({ recorded: first.unobserved, unobserved: 0 });
});

it("lets an operator replace a live model that was changed, and not make one live", async () => {
  await using own = await createTestApi({ withForecasts: true });
  await importLater(own, 7);
  const before = own.models?.risk.version ?? "";
  const { risk } = await retrainModels(own.deps, retraining);
  const worsen = (of: string) =>
    withoutRules(own.deps.db, async (trx) => {
      await sql`update models set algorithm = algorithm || 'x' where version = ${of}`.execute(trx);
    });
  await worsen(risk.version);
  const choice = { kind: "risk", horizonDays: 7, forecast: forecastHere } as const;
  const changed = await rollBackModel(own.deps, { ...choice, version: undefined });
  expect(changed).toMatchObject({ from: risk.version, to: before });
  const user = await own.signUp();
  expect((await user.predictions.risk_forecast()).model.version).toBe(before);
  await expect(promoteModel(own.deps, { ...choice, version: risk.version })).rejects.toThrow(
    ModelChangedError,
  );
  await expect(rollBackModel(own.deps, { ...choice, version: risk.version })).rejects.toThrow(
    ModelChangedError,
  );
});

/** The value once for each of its leaves, with that one changed, and once for each object, with a field more. */
function* withOneLeafChanged(value: unknown): Generator<unknown> {
  if (Array.isArray(value)) {
    for (const [index, item] of value.entries()) {
      for (const changed of withOneLeafChanged(item)) yield value.with(index, changed);
    }
    yield [...value, 0];
  } else if (value !== null && typeof value === "object") {
    for (const [name, item] of Object.entries(value)) {
      for (const changed of withOneLeafChanged(item)) yield { ...value, [name]: changed };
    }
    yield { ...value, more: null };
  } else if (typeof value === "number") yield value + Math.max(1e-12, Math.abs(value) * 2e-16);
  else yield `${String(value)}x`;
}
