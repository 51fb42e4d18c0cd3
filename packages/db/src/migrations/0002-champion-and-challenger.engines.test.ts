import { sql } from "kysely";
import { expect, it } from "vitest";
import type { Database } from "../database.ts";
import { migrate } from "../migrate.ts";
import { createTestDatabase } from "../testing/index.ts";
import { migrateAfresh } from "../testing/migrate-afresh.ts";

function id(number: number): string {
  return `01900000-0000-7000-8000-${String(number).padStart(12, "0")}`;
}

/** A database as the previous version left it: two yield models in turn, with forecasts of the same market and day. */
async function downgrade(db: Database): Promise<void> {
  await migrateAfresh(db, "0001-initial");
  for (const statement of rowsOfBefore) await sql.raw(statement).execute(db);
}

const rowsOfBefore = [
  `insert into protocols (name, display_name, kind, status, audit_score, incidents)
    values ('vesu', 'Vesu', 'lending', 'active', 80, '[]')`,
  `insert into markets values ('vesu:eth', 'vesu', 'Starknet', 'ETH', 'lending')`,
  `insert into market_imports (id, source, simulated, content_sha256, report, observed_until, fetched_at, completed_at)
    values ('${id(1)}', 'simulated', true, 'a', '{}', '2026-01-01', '2026-01-01', '2026-01-01')`,
  ...["yield-a", "yield-b"].map(
    (version) => `insert into models values
      ('${version}', 'yield', 7, 'forest', 'model', '{}', '{}', 'data', '\\x00', 'bytes', '2026-01-01')`,
  ),
  `insert into model_promotions (id, kind, source, version, import_id, promoted_at)
    values ('${id(2)}', 'yield', 'simulated', 'yield-a', '${id(1)}', '2026-01-01')`,
  `insert into model_promotions (id, kind, source, version, import_id, promoted_at)
    values ('${id(3)}', 'yield', 'simulated', 'yield-b', '${id(1)}', '2026-01-02')`,
  ...[
    { number: 4, version: "yield-a", market: "'vesu:eth'", stale: false },
    { number: 5, version: "yield-b", market: "'vesu:eth'", stale: false },
    { number: 6, version: "yield-a", market: "null", stale: false },
    { number: 7, version: "yield-b", market: "null", stale: true },
  ].map(
    ({
      number,
      version,
      market,
      stale,
    }) => `insert into predictions values ('${id(number)}', 'yield', 'simulated',
      'vesu', ${market}, '${version}', '2026-01-01', '2026-01-08', ${stale}, 5, 4, 6, 0.9, 0.5, 1, 5, 5, 'model', '{}',
      '2026-01-01T00:00:0${number}Z')`,
  ),
];

it("keeps the data of the previous version: promotions become decisions, first forecasts the record", async () => {
  await using database = await createTestDatabase();
  const { db } = database;
  await downgrade(db);
  expect(await migrate(db)).toContain("0002-champion-and-challenger");
  const decisions = db.selectFrom("model_decisions").orderBy("sequence");
  const columns = ["id", "challenger_version", "champion_version", "outcome", "reason", "n"] as const;
  const promoted = { outcome: "promoted", reason: "not_compared", n: 0 };
  expect(await decisions.select(columns).execute()).toEqual([
    { ...promoted, id: id(2), challenger_version: "yield-a", champion_version: null },
    { ...promoted, id: id(3), challenger_version: "yield-b", champion_version: "yield-a" },
  ]);
  const promotions = db.selectFrom("model_promotions").orderBy("sequence");
  expect(await promotions.select(["version", "decision_id"]).execute()).toEqual([
    { version: "yield-a", decision_id: id(2) },
    { version: "yield-b", decision_id: id(3) },
  ]);
  const predictions = db.selectFrom("predictions").orderBy("id");
  expect(await predictions.select(["id", "on_record"]).execute()).toEqual([
    { id: id(4), on_record: true },
    { id: id(5), on_record: false },
    { id: id(6), on_record: true },
    { id: id(7), on_record: false },
  ]);
});

it("lets a server of the previous version go on writing", async () => {
  await using database = await createTestDatabase();
  await downgrade(database.db);
  await migrate(database.db);
  for (const statement of rowsOfBefore) {
    if (!/insert into (model_promotions|predictions)/.test(statement)) continue;
    const again = statement
      .replace(/0000000000(\d\d)'/, "0000000001$1'")
      .replace("'2026-01-01',", "'2026-01-03',");
    const named = again.replace(
      "insert into predictions values",
      `insert into predictions (${columnsOfBefore}) values`,
    );
    await sql.raw(named).execute(database.db);
  }
  const added = database.db
    .selectFrom("predictions")
    .select("on_record")
    .where("as_of", ">", new Date("2026-01-02"));
  expect(await added.execute()).toEqual(Array.from({ length: 4 }, () => ({ on_record: false })));
});

const columnsOfBefore = `id, kind, source, protocol, market_id, model_version, as_of, target_at, stale, value, lower,
  upper, interval_level, confidence, confidence_tolerance, current_value, baseline_value, served_by, details, created_at`;

it("takes a forecast's outcome once, and no other change to a forecast, a decision or a promotion", async () => {
  await using database = await createTestDatabase();
  const { db } = database;
  await downgrade(db);
  await migrate(db);
  const run = (statement: string) => sql.raw(statement).execute(db);
  const outcome = "update predictions set actual_value = 5, actual_at = '2026-01-09'";
  await run(`${outcome} where id = '${id(4)}'`);
  for (const statement of [
    `${outcome} where id = '${id(4)}'`,
    `update predictions set actual_value = 6 where id = '${id(4)}'`,
    `update predictions set actual_value = null, actual_at = null where id = '${id(4)}'`,
    `${outcome}, value = 5.5 where id = '${id(5)}'`,
    `${outcome}, on_record = true where id = '${id(5)}'`,
    `update predictions set created_at = '2025-01-01' where id = '${id(5)}'`,
    "delete from predictions",
    "truncate predictions",
    "update model_decisions set outcome = 'rejected'",
    "delete from model_decisions",
    "truncate model_decisions cascade",
    "update model_promotions set version = 'yield-a'",
    "delete from model_promotions",
    "truncate model_promotions",
  ]) {
    await expect(run(statement), statement).rejects.toMatchObject({ code: "23001" });
  }
  await expect(run(`update predictions set actual_value = 5 where id = '${id(5)}'`)).rejects.toMatchObject({
    code: "23514",
  });
});
