import { sql } from "kysely";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import type { Database } from "./database.ts";
import { DatabaseEncodingError } from "./database-errors.ts";
import { migrate } from "./migrate.ts";
import { type OpenDatabase, openDatabase } from "./open-database.ts";
import { createTestDatabase, type TestDatabase } from "./testing/index.ts";
import { hasPgbouncer, startPgbouncer, type TestPooler } from "./testing/start-pgbouncer.ts";

/** Every default that would change what we read, or how long we wait. */
const oddDefaults = {
  datestyle: "'German, DMY'",
  timezone: "'Asia/Kolkata'",
  intervalstyle: "'iso_8601'",
  extra_float_digits: "-3",
  bytea_output: "'escape'",
  standard_conforming_strings: "off",
  search_path: "pg_catalog",
  default_transaction_isolation: "'serializable'",
  default_transaction_read_only: "on",
  statement_timeout: "'1h'",
  lock_timeout: "'1ms'",
  array_nulls: "off",
  transform_null_equals: "on",
  idle_session_timeout: "'10s'",
  transaction_timeout: "'10s'",
  session_replication_role: "replica",
  synchronous_commit: "off",
  default_tablespace: "pg_default",
};

const isPooled = await hasPgbouncer();
if (!isPooled) process.stderr.write("SKIPPED: pgbouncer is not installed, so a pooler is not tested.\n");

let test: TestDatabase;
let pooler: TestPooler | undefined;
let urls: Record<string, string>;

beforeAll(async () => {
  test = await createTestDatabase();
  const plain = test.url ?? "";
  await sql`drop role if exists odd`.execute(test.db);
  await sql`create role odd login superuser password 'obsqra'`.execute(test.db);
  for (const [name, value] of Object.entries(oddDefaults)) {
    await sql.raw(`alter role odd set ${name} = ${value}`).execute(test.db);
  }
  const odd = new URL(plain);
  odd.username = "odd";
  if (isPooled) pooler = await startPgbouncer(inject("postgresUrl"));
  urls = {
    plain,
    "a role with odd defaults": odd.href,
    ...(pooler && {
      "a pooler": pooler.url(plain),
      "a pooler and a role with odd defaults": pooler.url(odd.href),
    }),
  };
});

afterAll(async () => {
  await pooler?.[Symbol.asyncDispose]();
  await test.db.executeQuery(sql`drop role odd`.compile(test.db));
  await test.close();
});

const ways = [
  "plain",
  "a role with odd defaults",
  ...(isPooled ? ["a pooler", "a pooler and a role with odd defaults"] : []),
];

async function opened<TResult>(
  way: string,
  use: (database: OpenDatabase) => Promise<TResult>,
): Promise<TResult> {
  const database = await openDatabase({ url: urls[way] ?? "", pool: { size: 6 } });
  try {
    return await use(database);
  } finally {
    await database.close();
  }
}

async function readValues(db: Database): Promise<unknown> {
  const { rows } =
    await sql`select timestamptz '2026-01-15 12:00:00.123+00' as moment, 0.1::float8 + 0.2::float8 as float,
    '\\x00ff'::bytea as bytes, row_to_json(t) as json, 'a\\b' as text, current_schema() as schema,
    current_setting('statement_timeout') as "limit", current_setting('transaction_isolation') as isolation,
    current_setting('transaction_read_only') as read_only, current_setting('lock_timeout') as lock_limit,
    '{null}'::text[] as nothing, current_setting('idle_session_timeout') as idle_limit,
    current_setting('transaction_timeout') as transaction_limit,
    current_setting('session_replication_role') as replication, current_setting('synchronous_commit') as commit
    from (select 1e-7::float8 / 3 as float, timestamptz '2026-01-15 12:00:00+00' as moment) as t`.execute(db);
  return rows;
}

const expected = [
  {
    moment: new Date("2026-01-15T12:00:00.123Z"),
    float: 0.30000000000000004,
    bytes: Buffer.from([0, 255]),
    json: { float: 1e-7 / 3, moment: "2026-01-15T12:00:00+00:00" },
    text: "a\\b",
    schema: "public",
    limit: "15s",
    isolation: "read committed",
    read_only: "off",
    lock_limit: "0",
    nothing: [null],
    idle_limit: "0",
    transaction_limit: "0",
    replication: "origin",
    commit: "on",
  },
];

describe.each(ways)("by %s", (way) => {
  it("reads the same values, in and outside transactions, on many connections at once", async () => {
    await opened(way, async ({ db, state }) => {
      expect(await readValues(db)).toEqual(expected);
      const many = Array.from({ length: 12 }, (_, index) =>
        index % 2 === 0 ? readValues(db) : db.transaction().execute(readValues),
      );
      for (const values of await Promise.all(many)) expect(values).toEqual(expected);
      expect(await state()).toBe("up");
    });
  });

  it("undoes a transaction that fails, and lifts the limit of statements where it is asked to", async () => {
    await opened(way, async ({ db }) => {
      const write = db.transaction().execute(async (trx) => {
        await sql`create table undone (n integer)`.execute(trx);
        await sql`set local statement_timeout = 0`.execute(trx);
        const { rows } = await sql`show statement_timeout`.execute(trx);
        expect(rows).toEqual([{ statement_timeout: "0" }]);
        await sql`select 1 / 0`.execute(trx);
      });
      await expect(write).rejects.toMatchObject({ code: "22012" });
      const { rows } = await sql`select to_regclass('undone') as undone`.execute(db);
      expect(rows).toEqual([{ undone: null }]);
      await expect(sql`select 1 / 0`.execute(db)).rejects.toMatchObject({ code: "22012" });
      expect(await readValues(db)).toEqual(expected);
      expect(await migrate(db)).toEqual([]);
      expect(await readValues(db)).toEqual(expected);
    });
  });
});

it.skipIf(!isPooled)("leaves nothing behind on the connections that a pooler shares", async () => {
  const url = urls["a pooler"] ?? "";
  await opened("a pooler", ({ db }) => Promise.all(Array.from({ length: 8 }, () => readValues(db))));
  const other = new pg.Client({ connectionString: url });
  await other.connect();
  const { rows } = await other.query(
    "select current_setting('statement_timeout') as s, current_setting('lock_timeout') as l",
  );
  await other.end();
  expect(rows).toEqual([{ s: "0", l: "0" }]);
});

it("makes partitioned tables where a role names the tablespace that the database has anyway", async () => {
  await opened("a role with odd defaults", async ({ db }) => {
    await sql`create table parted (n integer) partition by list (n)`.execute(db);
    await sql`drop table parted`.execute(db);
  });
});

it("leaves waiting for a standby to whoever asks for it", async () => {
  await sql`alter role odd set synchronous_commit = remote_apply`.execute(test.db);
  await opened("a role with odd defaults", async ({ db }) => {
    const { rows } = await sql`show synchronous_commit`.execute(db);
    expect(rows).toEqual([{ synchronous_commit: "remote_apply" }]);
  });
  await sql`alter role odd set synchronous_commit = off`.execute(test.db);
});

it.each(["LATIN1", "SQL_ASCII"])("refuses a database of the encoding %s, and names it", async (encoding) => {
  const name = `encoded_${encoding.toLowerCase()}`;
  await sql`create database ${sql.id(name)} encoding ${sql.lit(encoding)} locale 'C' template template0`.execute(
    test.db,
  );
  const url = new URL(urls.plain ?? "");
  url.pathname = `/${name}`;
  const database = await openDatabase({ url: url.href, pool: { size: 1 } });
  try {
    const asked = sql`select 1`.execute(database.db);
    await expect(asked).rejects.toMatchObject({ cause: new DatabaseEncodingError(encoding) });
  } finally {
    await database.close();
    await sql`drop database ${sql.id(name)}`.execute(test.db);
  }
});

it("keeps the schema that a role has chosen", async () => {
  await sql`create schema chosen`.execute(test.db);
  await sql`alter role odd set search_path = chosen, public`.execute(test.db);
  await opened("a role with odd defaults", async ({ db }) => {
    expect((await sql`select current_schema() as schema`.execute(db)).rows).toEqual([{ schema: "chosen" }]);
  });
  await sql`alter role odd set search_path = pg_catalog`.execute(test.db);
  await sql`drop schema chosen`.execute(test.db);
});
