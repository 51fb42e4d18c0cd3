import { fixtureCsv } from "@obsqra/market/testing";
import { sql } from "kysely";
import { expect, it } from "vitest";
import { listRiskHistory } from "../analytics/risk-history.queries.ts";
import { createTestApi, importCsv, type TestApi } from "../testing/index.ts";
import { renewProtocolFigures } from "./protocol-figures.queries.ts";

const source = "file:history.csv";
const fixture = (days: number) => fixtureCsv({ shape: "dex", markets: 6, protocols: 2, days, seed: 1 });

function figures({ deps }: TestApi) {
  return listRiskHistory(deps.db, {
    source,
    now: deps.clock(),
    protocol: undefined,
    days: 1_000,
    until: undefined,
    granularity: "protocol",
    limit: 1_000,
    sort: "newest",
    after: undefined,
  });
}

async function countChanges({ deps }: TestApi): Promise<number> {
  return (await sql`select from protocol_risk_changes`.execute(deps.db)).rows.length;
}

/** As a version would leave it that knows nothing of figures of protocols. */
async function forget({ deps }: TestApi): Promise<void> {
  await sql`insert into protocol_risk_changes select distinct source, protocol, '-infinity'::timestamptz from risk_history`.execute(
    deps.db,
  );
}

it("are, to the bit, what the figures of markets give, after a first import and one that adds days", async () => {
  await using api = await createTestApi();
  for (const days of [20, 25]) {
    await importCsv(api, fixture(days));
    expect(await countChanges(api)).toBe(0);
    const kept = await figures(api);
    expect(kept.items.length).toBeGreaterThan(20);
    await forget(api);
    expect(await figures(api)).toEqual(kept);
    await api.deps.db.transaction().execute((trx) => renewProtocolFigures(trx, source));
    expect(await figures(api)).toEqual(kept);
  }
});

it("are never older than those of markets, whoever has changed these", async () => {
  await using api = await createTestApi();
  await importCsv(api, fixture(20));
  const { db } = api.deps;
  const before = await figures(api);
  await db.updateTable("risk_history").set({ risk_score: 42 }).execute();
  const changed = await figures(api);
  expect(changed.items).toHaveLength(before.items.length);
  for (const { risk_score } of changed.items) expect(risk_score).toBeCloseTo(42, 8);
  await db.transaction().execute((trx) => renewProtocolFigures(trx, source));
  expect(await countChanges(api)).toBe(0);
  expect(await figures(api)).toEqual(changed);
  await db.deleteFrom("risk_history").execute();
  expect((await figures(api)).items).toEqual([]);
  await db.transaction().execute((trx) => renewProtocolFigures(trx, source));
  expect((await figures(api)).items).toEqual([]);
});

it("are left as they were by an import that fails", async () => {
  await using api = await createTestApi();
  await importCsv(api, fixture(20));
  const before = await figures(api);
  const failing = api.deps.db.transaction().execute(async (trx) => {
    await trx.deleteFrom("risk_history").execute();
    await renewProtocolFigures(trx, source);
    throw new Error("The disk is full.");
  });
  await expect(failing).rejects.toThrow("The disk is full.");
  expect(await figures(api)).toEqual(before);
});
