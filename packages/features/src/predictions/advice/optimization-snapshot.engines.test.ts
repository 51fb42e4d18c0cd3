import type { Database } from "@obsqra/db";
import { type AdviceRequest, manifestSha256, modelVersion } from "@obsqra/ml";
import { sql } from "kysely";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { setProtocolStatus } from "../../market/protocol-statuses.service.ts";
import { callerWith, createTestApi, type TestApi } from "../../testing/index.ts";
import type { Optimizer } from "./optimizer.ts";

type Versions = Readonly<Record<"risk" | "yield", string>>;

let api: TestApi;
let token: string;
/** Two pairs of models that are never live in another combination. */
let pairs: readonly [Versions, Versions];

beforeAll(async () => {
  api = await createTestApi({ withForecasts: true });
  const account = { email: "ada@example.org", password: "correct horse battery", full_name: "Ada" };
  token = (await api.caller().auth.register(account)).access_token;
  const first = { risk: api.models?.risk.version ?? "", yield: api.models?.yield.version ?? "" };
  const second = { risk: await copyModel(first.risk), yield: await copyModel(first.yield) };
  pairs = [first, second];
});

afterAll(() => api[Symbol.asyncDispose]());

/** Another model with the same forecasts. */
async function copyModel(version: string): Promise<string> {
  const { db } = api.deps;
  const model = await db
    .selectFrom("models")
    .selectAll()
    .where("version", "=", version)
    .executeTakeFirstOrThrow();
  const other = { ...model, algorithm: "the same by another name" };
  const copy = modelVersion(other);
  const [parameters, metrics] = [JSON.stringify(model.parameters), JSON.stringify(model.metrics)];
  const manifest_sha256 = manifestSha256(other, model.created_at);
  const artefact = model.artefact ?? expect.fail("A live model has a file.");
  await db
    .insertInto("models")
    .values({ ...other, version: copy, parameters, metrics, artefact, manifest_sha256 })
    .execute();
  await sql`insert into predictions select (jsonb_populate_record(forecast, jsonb_build_object(
      'id', gen_random_uuid(), 'model_version', ${copy}::text, 'on_record', false))).*
    from predictions as forecast where model_version = ${version}`.execute(db);
  return copy;
}

/** Makes the other pair live, both of it at the same moment. */
function createPromoter(): () => Promise<void> {
  let promotions = 0;
  return async () => {
    promotions += 1;
    const pair = pairs[promotions % 2] ?? expect.fail("There are two pairs.");
    await api.deps.db.transaction().execute(async (trx) => {
      for (const kind of ["yield", "risk"] as const) {
        await sql`
          insert into model_promotions (id, kind, source, version, import_id, promoted_at)
          select ${api.deps.createId()}, ${kind}, source, ${pair[kind]}, id, ${api.clock()}
          from market_imports order by sequence desc limit 1`.execute(trx);
      }
    });
  };
}

/** A database that has something done after every statement that reads the market's data or the models. */
function after(db: Database, work: () => Promise<void>): Database {
  const reads = new WeakSet<object>();
  return db.withPlugin({
    transformQuery: ({ node, queryId }) => {
      const { sql: text } = db.getExecutor().compileQuery(node, queryId);
      if (!/insert into/.test(text)) reads.add(queryId);
      return node;
    },
    transformResult: async ({ result, queryId }) => {
      if (reads.has(queryId)) await work();
      return result;
    },
  });
}

it("rests on one pair of models, also when others become live after each of its reads", async () => {
  const seen: Versions[] = [];
  for (const _ of ["a pair", "the other"]) {
    let promoted = 0;
    const promote = createPromoter();
    const db = after(api.deps.db, async () => {
      promoted += 1;
      await promote();
    });
    const { model_versions } = await callerWith(api, { db }, token).predictions.run_optimization();
    expect(promoted).toBeGreaterThan(0);
    seen.push(model_versions);
  }
  for (const versions of seen) expect(pairs).toContainEqual(versions);
});

it("advises nothing that somebody has decided against while it was computed", async () => {
  const { deps } = api;
  const decide = (protocol: string, status: "active" | "exploited") =>
    setProtocolStatus(deps, {
      protocol,
      status,
      since: undefined,
      evidenceUrl: "https://example.org/post-mortem",
      reason: undefined,
    });
  const stored = async () => (await api.caller(token).predictions.rebalance_suggestions({})).items;
  const before = await stored();
  const asked: AdviceRequest[] = [];
  const optimizer: Optimizer = {
    ...deps.optimizer,
    advise: async (ownerId, request) => {
      asked.push(request);
      if (asked.length === 1) await decide("vesu", "exploited");
      return deps.optimizer.advise(ownerId, request);
    },
  };
  const advised = await callerWith(api, { optimizer }, token).predictions.run_optimization();
  const statuses = asked.map(({ markets }) => markets.find(({ protocol }) => protocol === "vesu")?.status);
  expect(statuses).toEqual(["active", "exploited"]);
  expect(advised.allocation).not.toHaveProperty("vesu");
  expect(advised.excluded).toContainEqual({ protocol: "vesu", reason: "exploited" });
  expect(await stored()).toEqual([advised, ...before]);
  await decide("vesu", "active");
});

describe.runIf(inject("databaseEngine") === "postgres")("on a server", () => {
  it("rests on one pair of models while others become live all the time", async () => {
    const promote = createPromoter();
    const seen = new Set<string>();
    let isOver = false;
    const promoting = (async () => {
      while (!isOver) await promote();
    })();
    try {
      for (let call = 0; call < 40 || seen.size < 2; call += 1) {
        const { model_versions } = await api.caller(token).predictions.run_optimization();
        expect(pairs).toContainEqual(model_versions);
        seen.add(model_versions.risk);
        if (call > 400) break;
      }
    } finally {
      isOver = true;
      await promoting;
    }
    expect(seen.size).toBe(2);
  });
});
