import { sql } from "kysely";
import { expect, inject, it } from "vitest";
import { migrate } from "./migrate.ts";
import { openDatabase } from "./open-database.ts";
import { createTestDatabase } from "./testing/index.ts";

it("changes nothing when it runs a second time", async () => {
  await using database = await createTestDatabase();
  expect(await migrate(database.db)).toEqual([]);
});

it("lets two processes migrate an empty database at once", async () => {
  await using database = await createTestDatabase();
  await emptySchema(database.db);
  const url = database.url;
  const other = url === undefined ? database : await openDatabase({ url });
  const applied = await Promise.all([migrate(database.db), migrate(other.db)]);
  expect(applied.flat()).toEqual([
    "0001-initial",
    "0002-champion-and-challenger",
    "0003-accounts",
    "0004-idempotency-and-limits",
    "0005-transaction-chain",
    "0006-analytics-cache",
    "0007-paging-indexes",
  ]);
  if (other !== database) await other.close();
});

it("makes the schema that is committed, on either engine", async () => {
  await using database = await createTestDatabase();
  await expect(await describeSchema(database.db)).toMatchFileSnapshot("./schema.txt");
});

it("uses the engine that the test project names", async () => {
  await using database = await createTestDatabase();
  expect(database.engine).toBe(inject("databaseEngine"));
});

type AnyDatabase = Parameters<typeof migrate>[0];

async function emptySchema(db: AnyDatabase): Promise<void> {
  await sql`drop schema public cascade`.execute(db);
  await sql`create schema public`.execute(db);
}

/** Tables, columns, constraints, indexes and triggers, one line each. */
async function describeSchema(db: AnyDatabase): Promise<string> {
  const { rows } = await sql<{ line: string }>`
    select line from (
      select table_name || '.' || column_name || ' ' || data_type || case is_nullable when 'NO' then ' not null' else '' end as line
      from information_schema.columns where table_schema = 'public'
      union all
      select conrelid::regclass || ' ' || pg_get_constraintdef(oid) from pg_constraint
      where connamespace = 'public'::regnamespace and contype <> 'n'
      union all
      select indexdef from pg_indexes where schemaname = 'public'
      union all
      select pg_get_triggerdef(oid) from pg_trigger where not tgisinternal
    ) as lines where line not like 'kysely%' and line not like '%kysely_%' order by line collate "C"`.execute(
    db,
  );
  return `${rows.map(({ line }) => line).join("\n")}\n`;
}
