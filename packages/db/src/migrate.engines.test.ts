import { sql } from "kysely";
import { expect, inject, it, vi } from "vitest";
import { migrate, SchemaTooNewError } from "./migrate.ts";
import { openDatabase } from "./open-database.ts";
import { createTestDatabase } from "./testing/index.ts";

it("changes nothing when it runs a second time", async () => {
  await using database = await createTestDatabase();
  expect(await migrate(database.db)).toEqual([]);
});

it("leaves a schema alone that a newer version has added to, and refuses one that it has taken something from", async () => {
  await using database = await createTestDatabase();
  const add = (name: string) =>
    sql`insert into kysely_migration (name, timestamp) values (${name}, '2027-01-01')`.execute(database.db);
  await add("9998-more");
  expect(await migrate(database.db)).toEqual([]);
  await add("9999-contract-less");
  await expect(migrate(database.db)).rejects.toThrow(SchemaTooNewError);
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
    "0008-events-and-owners",
    "0009-protocol-statuses",
    "0010-retention",
    "0011-sizes-and-storage",
    "0012-bound-chains",
    "0013-model-manifests",
    "0014-jobs",
    "0015-quicker-chains",
    "0016-transaction-outcomes",
    "0017-open-transactions-of-owners",
    "0018-market-revisions",
    "0019-operators",
    "0020-market-feed-checks",
    "0021-protocol-figures",
    "0022-dropped-markets",
    "0023-rebalance-checks",
    "0024-feed-acceptances",
    "0025-revisions-end",
    "0026-webhooks",
    "0027-alerts",
    "0028-unknown-kinds",
    "0029-transparency-log",
    "0030-possible-forecasts",
    "0031-threshold-alerts",
    "0032-forecast-history",
    "0033-artefacts",
    "0034-log-cosignatures",
    "0035-suggestion-record",
    "0036-log-chain-heads",
    "0037-second-factors",
    "0038-remembered-devices",
    "0041-log-chain-hashes",
    "0042-agent-grants",
    "0044-passkeys",
    "0045-identities",
    "0047-organisations",
    "0051-record-indexes",
  ]);
  if (other !== database) await other.close();
});

it.runIf(inject("databaseEngine") === "postgres")(
  "waits for as long as another one takes, and leaves the limit of statements as it was",
  async () => {
    await using database = await createTestDatabase();
    const url = `${database.url}?statement_timeout=100`;
    const waiting = await openDatabase({ url, pool: { size: 1 } });
    const limit = async () => (await sql`show statement_timeout`.execute(waiting.db)).rows;
    const before = await limit();
    await database.db.connection().execute(async (connection) => {
      // The lock that Kysely's migrations take.
      await sql`select pg_advisory_lock(3853314791062309107)`.execute(connection);
      const migrated = migrate(waiting.db);
      await vi.waitFor(async () => {
        const { rows } = await sql`select 1 from pg_stat_activity where wait_event = 'advisory'
          and now() - query_start > interval '0.2 s'`.execute(connection);
        expect(rows).toHaveLength(1);
      }, 30_000);
      await sql`select pg_advisory_unlock(3853314791062309107)`.execute(connection);
      expect(await migrated).toEqual([]);
    });
    expect(await limit()).toEqual(before);
    await waiting.close();
  },
);

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
