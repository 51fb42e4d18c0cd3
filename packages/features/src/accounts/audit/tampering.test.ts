import { type Database, migrate } from "@obsqra/db";
import { createTestDatabase, migrateAfresh, type TestDatabase, withoutRules } from "@obsqra/db/testing";
import { createIdGenerator, hashContent } from "@obsqra/platform";
import { createTestClock } from "@obsqra/platform/testing";
import { sql } from "kysely";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { verifyTransactionLogs } from "../../transactions/verify-logs.service.ts";
import { eraseDueAccounts } from "../deletion/erasure.service.ts";
import { verifyAuditLogs } from "../operators/account-commands.service.ts";
import { recordEvent } from "./audit.service.ts";

const clock = createTestClock();
const randomBytes = (size: number) => new Uint8Array(size).fill(7);
const createId = createIdGenerator({ clock, randomBytes });
const request = { ip: "192.0.2.7", user_agent: "Firefox" };

/** Those with `old` logs began before hashes covered owner and position; `erased` ones end with an erasure. */
const people = ["ada", "bob", "old-eve", "old-fay", "old-erased", "erased", "last"] as const;
type Person = (typeof people)[number];
const ids = new Map<Person, string>(people.map((person) => [person, createId()]));

let database: TestDatabase;
let db: Database;

beforeAll(async () => {
  database = await createTestDatabase();
  db = database.db;
  await migrateAfresh(db, "0010-retention");
  for (const person of people) await addUser(person);
  for (const person of ["ada", "bob", "old-eve", "old-fay", "old-erased"] as const) {
    for (const type of ["registered", "logged_in", "profile_changed"]) await addOldEvent(person, type);
    await logTransactions(person, 2);
  }
  await erase("old-erased", () => addOldEvent("old-erased", "account_erased"));
  await migrate(db);
  for (const person of ["ada", "bob", "erased", "last"] as const) {
    for (const type of ["logged_in", "logged_out", "reauthenticated"] as const) {
      await recordEvent(
        { db, clock, createId, randomBytes, request },
        { user_id: idOf(person), type, details: { n: 1 } },
      );
    }
    await logTransactions(person, 2);
  }
  await db.updateTable("users").set({ erase_after: clock() }).where("id", "=", idOf("erased")).execute();
  await eraseDueAccounts({ db, clock, createId, randomBytes }, new AbortController().signal);
}, 120_000);

afterAll(() => database[Symbol.asyncDispose]());

function idOf(person: Person): string {
  return ids.get(person) ?? "";
}

async function addUser(person: Person): Promise<void> {
  await sql`insert into users (id, email, full_name, preferences, created_at, updated_at)
    values (${idOf(person)}, ${`${person}@example.org`}, 'Ada', '{}', ${clock()}, ${clock()})`.execute(db);
}

/** As the version before has hashed it. */
async function addOldEvent(person: Person, type: string): Promise<void> {
  clock.advance(1000);
  const content = {
    id: createId(),
    type,
    occurred_at: clock().toISOString(),
    ...request,
    details: { n: 1 },
    salt: "07",
  };
  const { id, ip, user_agent, details, occurred_at } = content;
  await sql`insert into audit_events (id, user_id, type, occurred_at, ip, user_agent, details, salt, content_hash)
    values (${id}, ${idOf(person)}, ${type}, ${occurred_at}, ${ip}, ${user_agent}, ${JSON.stringify(details)},
      ${Buffer.from("07", "hex")}, ${hashContent(content)})`.execute(db);
}

async function logTransactions(person: Person, count: number): Promise<void> {
  for (let number = 0; number < count; number += 1) {
    const id = createId();
    const hash = `0x${id.replaceAll("-", "").padStart(64, "0")}`;
    await sql`insert into transactions (id, owner_id, tx_hash, tx_type, amount, details, created_at)
      values (${id}, ${idOf(person)}, ${hash}, 'deposit', '1.50', '{"n": 1}', ${clock()})`.execute(db);
    for (const status of ["pending", "confirmed"]) {
      clock.advance(1000);
      await sql`insert into transaction_statuses (id, transaction_id, status, observed_at)
        values (${createId()}, ${id}, ${status}, ${clock()})`.execute(db);
    }
  }
}

async function erase(person: Person, note: () => Promise<void>): Promise<void> {
  await sql`update users set erased_at = ${clock()} where id = ${idOf(person)}`.execute(db);
  await note();
  await sql`update audit_events set ip = null, user_agent = null, details = '{}', salt = null
    where user_id = ${idOf(person)}`.execute(db);
}

/** What the checks of both kinds of log find, one line each. */
async function findFaults(
  on: Database,
  checks = [verifyAuditLogs, verifyTransactionLogs],
): Promise<string[]> {
  const found: string[] = [];
  for (const verdicts of checks.map((check) => check({ db: on }, "all"))) {
    for await (const { user_id, chain } of verdicts) {
      if ("fault" in chain) found.push(`${user_id ?? "list"} ${chain.position} ${chain.fault}`);
    }
  }
  return found;
}

class Undo extends Error {}

/** What is found after statements of somebody with all rights on the database. */
interface Tampering {
  /** Undefined where a constraint refuses a statement; constraints hold even then. */
  readonly found: string[] | undefined;
  readonly changedRows: number;
}

function tamper(...statements: string[]): Promise<Tampering> {
  return tamperBefore([verifyAuditLogs, verifyTransactionLogs], ...statements);
}

async function tamperBefore(checks: (typeof verifyAuditLogs)[], ...statements: string[]): Promise<Tampering> {
  let found: string[] | undefined;
  let changedRows = 0;
  await withoutRules(db, async (trx) => {
    for (const statement of statements) {
      changedRows += Number((await sql.raw(statement).execute(trx)).numAffectedRows ?? 0);
    }
    found = await findFaults(trx, checks);
    throw new Undo();
  }).catch((error: unknown) => {
    if (!(error instanceof Undo) && !isRefused(error)) throw error;
  });
  return { found, changedRows };
}

function isRefused(error: unknown): boolean {
  return /^23/.test(String((error as { code?: unknown }).code));
}

const byType: Readonly<Record<string, (column: string) => string>> = {
  uuid: () => "gen_random_uuid()",
  text: (column) => `coalesce(${column}, '') || 'x'`,
  bigint: (column) => `${column} + 1`,
  smallint: (column) => `${column} + 1`,
  numeric: (column) => `${column} + 1`,
  "timestamp with time zone": (column) => `${column} + interval '1 millisecond'`,
  bytea: (column) => `sha256(coalesce(${column}, 'x'))`,
  jsonb: () => `'{"n": 2}'`,
};

const tables = ["audit_events", "transactions", "transaction_statuses", "chained_logs"] as const;
type TableName = (typeof tables)[number];

/** Keys of rows: of an old and a new entry of one person, of another's, and of those who are erased. */
async function chooseRows(table: TableName): Promise<{ key: string; owner: string }[]> {
  const [key, owner, place] = {
    audit_events: ["id", "user_id", "position"],
    transactions: ["id", "owner_id", "row_number() over (partition by owner_id order by id)"],
    transaction_statuses: ["id", "owner_id", "position"],
    chained_logs: ["position", "owner_id", "1"],
  }[table] as [string, string, string];
  const { rows: found } = await sql<{ key: string; owner: string }>`
    select key, owner from (
      select cast(${sql.raw(key)} as text) as key, cast(${sql.raw(owner)} as text) as owner, ${sql.raw(place)} as place
      from ${sql.table(table)}) as numbered
    where (place = 2 or (place in (1, 5) and owner = ${idOf("ada")}) or ${table} = 'chained_logs') and owner in (${sql.join(
      (["ada", "bob", "old-erased", "erased"] as const).map(idOf),
    )}) order by owner, place`.execute(db);
  return found;
}

async function listColumns(table: TableName): Promise<{ name: string; type: string }[]> {
  const { rows: found } = await sql<{ name: string; type: string }>`
    select column_name as name, data_type as type from information_schema.columns
    where table_name = ${table} and is_generated = 'NEVER' and table_schema = current_schema() order by ordinal_position`.execute(
    db,
  );
  return found;
}

it("finds nothing where nothing was changed, before and after hashes covered owner and position", async () => {
  expect(await findFaults(db)).toEqual([]);
});

describe.each(tables)("%s", (table) => {
  const keyColumn = table === "chained_logs" ? "position" : "id";

  // Many checks, which are the same on every engine.
  const isPglite = inject("databaseEngine") === "pglite";
  it.runIf(isPglite)(
    "lets no column be changed, nulled, or exchanged with another row's unnoticed",
    async () => {
      const checks = {
        audit_events: [verifyAuditLogs],
        transactions: [verifyTransactionLogs],
        transaction_statuses: [verifyTransactionLogs],
        chained_logs: [verifyAuditLogs, verifyTransactionLogs],
      }[table];
      const chosen = await chooseRows(table);
      expect(chosen.length).toBeGreaterThan(3);
      const unnoticed: string[] = [];
      const columns = await listColumns(table);
      for (const [place, { name, type }] of columns.entries()) {
        const change = byType[type];
        if (change === undefined) throw new Error(`No change for ${type}.`);
        for (const [index, { key }] of chosen.entries()) {
          // In the long form each row, otherwise a third of them, in turns.
          if (!inject("isLong") && (index + place) % 3 !== 0) continue;
          const other = chosen[(index + 1) % chosen.length]?.key ?? "";
          const value = (of: string) => `(select ${name} from ${table} where ${keyColumn} = '${of}')`;
          const [one, two] = [value(key), value(other)];
          const mutations = {
            changed: `update ${table} set ${name} = ${change(name)} where ${keyColumn} = '${key}'`,
            nulled: `update ${table} set ${name} = null where ${keyColumn} = '${key}' and ${name} is not null`,
            // A key cannot be exchanged within one statement, and is named again by what refers to it.
            exchanged: `update ${table} set ${name} = case ${keyColumn} when '${key}' then ${two} else ${one} end
            where ${keyColumn} in ('${key}', '${other}') and ${one} is distinct from ${two}`,
          };
          for (const [mutation, statement] of Object.entries(mutations)) {
            const { found, changedRows } = await tamperBefore(checks, statement);
            if (found?.length === 0 && changedRows > 0) unnoticed.push(`${name} ${mutation} in ${key}`);
          }
        }
      }
      expect(unnoticed).toEqual([]);
    },
    240_000,
  );

  it("lets no row be taken out unnoticed", async () => {
    for (const { key } of await chooseRows(table)) {
      const { found } = await tamper(`delete from ${table} where ${keyColumn} = '${key}'`);
      expect([key, found]).toEqual([key, expect.arrayContaining([expect.any(String)])]);
    }
  });

  it("is refused by the database while its rules are in force, whatever is changed or taken out", async () => {
    for (const { name } of await listColumns(table)) {
      const statement = `update ${table} set ${name} = ${name}`;
      expect([name, await refusalOf(statement)]).toEqual([name, "23001"]);
    }
    for (const statement of [`delete from ${table}`, `truncate ${table} cascade`]) {
      expect([statement, await refusalOf(statement)]).toEqual([statement, "23001"]);
    }
  });
});

async function refusalOf(statement: string): Promise<unknown> {
  return sql
    .raw(statement)
    .execute(db)
    .then(
      () => undefined,
      (error: { code?: unknown }) => error.code,
    );
}

/** A statement per table that gives two people each other's logs, and their ends in the list. */
function exchangeLogs(one: Person, two: Person): string[] {
  const [a, b] = [idOf(one), idOf(two)];
  const exchange = (table: string, column: string) =>
    `update ${table} set ${column} = case ${column} when '${a}' then '${b}'::uuid else '${a}'::uuid end
      where ${column} in ('${a}', '${b}')`;
  const end = (column: string) =>
    `(select ${column} from chained_logs as other where other.log = mine.log and other.owner_id <> mine.owner_id
      and other.owner_id in ('${a}', '${b}'))`;
  return [
    "alter table audit_events drop constraint audit_events_user_id_position_key",
    "alter table transaction_statuses drop constraint transaction_statuses_owner_id_position_key",
    exchange("audit_events", "user_id"),
    exchange("transactions", "owner_id"),
    exchange("transaction_statuses", "owner_id"),
    `update chained_logs as mine set end_position = ${end("end_position")}, end_hash = ${end("end_hash")}
      where owner_id in ('${a}', '${b}')`,
  ];
}

function removeLogs(person: Person, ...tables: string[]): string[] {
  return [
    `delete from users where id = '${idOf(person)}'`,
    `delete from audit_events where user_id = '${idOf(person)}'`,
    ...["transactions", "transaction_statuses", ...tables].map(
      (table) => `delete from ${table} where owner_id = '${idOf(person)}'`,
    ),
  ];
}

it.each([
  ["new logs", "ada", "bob"],
  ["logs that are all old", "old-eve", "old-fay"],
] as const)("finds the logs of two people exchanged, ends included: %s", async (_, one, two) => {
  const { found } = await tamper(...exchangeLogs(one, two));
  for (const person of [one, two]) {
    // Both of its logs.
    expect(found?.filter((line) => line.startsWith(idOf(person)))).toHaveLength(2);
  }
});

it.each(["ada", "old-eve", "erased"] as const)("finds that %s is gone with all logs", async (person) => {
  const gone = `${idOf(person)} 1 owner`;
  expect((await tamper(...removeLogs(person))).found).toEqual([gone, gone]);
  const all = await tamper(...removeLogs(person, "chained_logs"));
  expect(all.found).toContainEqual(expect.stringMatching(/^list \d+ order$/));
});

it.each([
  ["audit_events", "audit_events"],
  ["transactions", "transactions", "transaction_statuses"],
  ["transactions", "transaction_statuses"],
  ["transactions", "transactions"],
])("finds logs whose accounts and list are gone: %s, by %s", async (log, ...kept) => {
  const check = log === "audit_events" ? verifyAuditLogs : verifyTransactionLogs;
  const lost = ["users", "chained_logs", ...tables.filter((table) => !kept.includes(table))];
  const { found } = await tamperBefore([check], ...lost.map((table) => `delete from ${table}`));
  // All but those without a log of their own.
  expect(found?.filter((line) => line.endsWith(" 1 owner"))).toHaveLength(people.length);
});

it("finds an account that was given back what an erasure took, and one that seems to be erased", async () => {
  const revived = await tamper(`update users set erased_at = null where id = '${idOf("erased")}'`);
  expect(revived.found).toContainEqual(expect.stringContaining(idOf("erased")));
  const hidden = await tamper(
    `update users set erased_at = now() where id = '${idOf("ada")}'`,
    `update audit_events set ip = null, user_agent = null, details = '{}', salt = null where user_id = '${idOf("ada")}'`,
  );
  expect(hidden.found).toContainEqual(expect.stringContaining(idOf("ada")));
});

it("finds newest entries cut off, unless where the log ends was changed as well: that only a hash shows that was kept elsewhere", async () => {
  const newest = `user_id = '${idOf("ada")}' and position = 6`;
  const cut = `delete from audit_events where ${newest}`;
  expect((await tamper(cut)).found).toEqual([`${idOf("ada")} 6 order`]);
  const end = `update chained_logs set end_position = 5, end_hash = (select hash from audit_events
    where user_id = '${idOf("ada")}' and position = 5) where log = 'audit' and owner_id = '${idOf("ada")}'`;
  expect((await tamper(cut, end)).found).toEqual([]);
});

it("does not find that the person is gone whose logs were begun last: the list ends earlier, which its kept hash shows", async () => {
  expect((await tamper(...removeLogs("last", "chained_logs"))).found).toEqual([]);
});

it("finds an entry that was put in", async () => {
  const copied = (await listColumns("audit_events")).map(({ name }) => name).join(", ");
  const values = copied
    .replace(/\bid\b/, "gen_random_uuid()")
    .replace("position", "position + 1")
    .replace("previous_hash, hash", "hash, sha256(hash || content_hash)");
  const { found } = await tamper(
    `insert into audit_events (${copied}) select ${values} from audit_events
      where user_id = '${idOf("ada")}' and position = 6`,
  );
  expect(found).toEqual([`${idOf("ada")} 7 content`]);
});
