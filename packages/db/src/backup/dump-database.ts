import { createHash } from "node:crypto";
import { sql } from "kysely";
import type { Database, DatabaseTransaction } from "../database.ts";
import { type BackedUpTable, listBackedUpTables } from "./backed-up-tables.ts";

/** What a dump begins with. */
export interface DumpHeader {
  readonly format: "obsqra-backup";
  readonly version: 1;
  readonly made_at: string;
  /** Of the schema, in order. */
  readonly migrations: readonly string[];
}

/** What a dump ends with: what was read, to compare with what comes back. */
export interface DumpEnd {
  readonly tables: Readonly<Record<string, TableDigest>>;
  /** The last number that each sequence has given. */
  readonly sequences: Readonly<Record<string, string>>;
}

/** How many rows, and a digest of them that their order does not change. */
export interface TableDigest {
  readonly rows: number;
  readonly digest: string;
}

/** A part of a dump: a header, then of each table its columns and rows, then the end. Rows are JSON arrays of texts. */
export type DumpPart =
  | { readonly header: DumpHeader }
  | { readonly table: string; readonly columns: readonly string[] }
  | { readonly rows: readonly string[] }
  | { readonly end: DumpEnd };

/** So many bytes of rows are read at once, or one row. */
const bytesAtOnce = 1024 * 1024;
const rowsAtOnceMax = 2_000;

/**
 * Reads the whole database as it was at one moment, table by table, those first that others refer to. Values are texts as Postgres prints
 * them, which both engines read exactly. The queue of jobs is left out: a job finds what there is to do in the data.
 *
 * Nobody is kept from writing on Postgres; the embedded database, which has one connection, does nothing else meanwhile.
 */
export async function dumpDatabase(
  db: Database,
  { now, take }: { readonly now: Date; readonly take: (part: DumpPart) => Promise<void> },
): Promise<DumpEnd> {
  return db
    .transaction()
    .setIsolationLevel("repeatable read")
    .execute(async (trx) => {
      await preparePrinting(trx);
      const { rows: applied } = await sql<{ name: string }>`
        select name from kysely_migration order by name`.execute(trx);
      const migrations = applied.map(({ name }) => name);
      await take({ header: { format: "obsqra-backup", version: 1, made_at: now.toISOString(), migrations } });
      const tables: Record<string, TableDigest> = {};
      for (const table of await listBackedUpTables(trx)) {
        await take({ table: table.name, columns: table.columns.map(({ name }) => name) });
        tables[table.name] = await readTable(trx, table, (rows) => take({ rows }));
      }
      const { rows: given } = await sql<{ name: string; last: string }>`
        select sequencename as name, last_value::text as last from pg_sequences
        where schemaname = current_schema() and last_value is not null order by sequencename`.execute(trx);
      const sequences = Object.fromEntries(given.map(({ name, last }) => [name, last]));
      const end = { tables, sequences };
      await take({ end });
      return end;
    });
}

/** Reads each table again. */
export async function digestDatabase(db: Database): Promise<DumpEnd> {
  return dumpDatabase(db, { now: new Date(0), take: async () => {} });
}

/** Takes as long as there is data, and prints values alike wherever it runs. */
export async function preparePrinting(trx: DatabaseTransaction): Promise<void> {
  for (const setting of [
    "statement_timeout = 0",
    "idle_in_transaction_session_timeout = 0",
    "timezone = 'UTC'",
    "datestyle = 'ISO, YMD'",
    "intervalstyle = 'postgres'",
    "bytea_output = 'hex'",
    "extra_float_digits = 1",
  ])
    await sql.raw(`set local ${setting}`).execute(trx);
}

async function readTable(
  trx: DatabaseTransaction,
  { name, columns }: BackedUpTable,
  take: (rows: readonly string[]) => Promise<void>,
): Promise<TableDigest> {
  const digest = createTableDigest();
  const texts = sql.join(columns.map((column) => sql`${sql.ref(column.name)}::text`));
  await sql`declare backup no scroll cursor for
    select json_build_array(${texts})::text as row from ${sql.table(name)}`.execute(trx);
  let bytes = 0;
  for (
    let size = 10;
    ;
    size = Math.max(1, Math.min(rowsAtOnceMax, Math.floor((bytesAtOnce * digest.rows()) / bytes)))
  ) {
    const { rows } = await sql<{ row: string }>`fetch ${sql.lit(size)} from backup`.execute(trx);
    if (rows.length === 0) break;
    const lines = rows.map(({ row }) => row);
    for (const line of lines) {
      digest.add(line);
      bytes += line.length;
    }
    await take(lines);
  }
  await sql`close backup`.execute(trx);
  return digest.end();
}

/** Counts and adds up rows: the sum of their hashes says which rows there are, whatever their order. */
export function createTableDigest(): {
  readonly add: (row: string) => void;
  readonly rows: () => number;
  readonly end: () => TableDigest;
} {
  let rows = 0;
  let sum = 0n;
  return {
    add: (row) => {
      rows += 1;
      sum = BigInt.asUintN(256, sum + BigInt(`0x${createHash("sha256").update(row).digest("hex")}`));
    },
    rows: () => rows,
    end: () => ({ rows, digest: sum.toString(16).padStart(64, "0") }),
  };
}
