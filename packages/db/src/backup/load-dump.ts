import { sql } from "kysely";
import { Migrator } from "kysely/migration";
import { continueEventClock } from "../continue-event-clock.ts";
import type { Database, DatabaseTransaction } from "../database.ts";
import { migrate, migrations, readSchemaState } from "../migrate.ts";
import { type BackedUpTable, listBackedUpTables } from "./backed-up-tables.ts";
import {
  createTableDigest,
  type DumpEnd,
  type DumpHeader,
  type DumpPart,
  digestDatabase,
  preparePrinting,
} from "./dump-database.ts";

/** A dump cannot be loaded, or what was loaded is not what it has. */
export class DumpError extends Error {
  override readonly name = "DumpError";
}

/**
 * Loads a dump into an empty database: the schema of its version first, then all rows in one transaction, then whatever migrations have
 * come since. Reads everything again, and compares it with the dump.
 *
 * @throws DumpError when the database is not empty, the dump is of a later version or not whole, or what was loaded differs
 */
export async function loadDump(db: Database, parts: AsyncIterable<DumpPart>): Promise<DumpEnd> {
  const reader = parts[Symbol.asyncIterator]();
  const { value: first } = await reader.next();
  if (first === undefined || !("header" in first)) throw new DumpError("This is no backup of Obsqra.");
  await makeSchema(db, first.header);
  const end = await db.transaction().execute(async (trx) => {
    await preparePrinting(trx);
    const triggers = await disableTriggers(trx);
    const tables = await listBackedUpTables(trx);
    // What migrations put in is in the dump, as it was in the end.
    for (const { name } of tables.toReversed()) await sql`delete from ${sql.table(name)}`.execute(trx);
    const loaded = await loadTables(trx, reader, tables);
    await setSequences(trx, loaded);
    for (const statement of triggers) await sql.raw(statement).execute(trx);
    return loaded;
  });
  const found = await digestDatabase(db);
  for (const [name, digest] of Object.entries(end.tables)) {
    if (JSON.stringify(found.tables[name]) !== JSON.stringify(digest))
      throw new DumpError(`What was loaded into ${name} is not what the backup has.`);
  }
  await continueEventClock(db);
  await migrate(db);
  return end;
}

async function makeSchema(db: Database, { migrations: wanted }: DumpHeader): Promise<void> {
  if ((await readSchemaState(db)) !== "none")
    throw new DumpError("The database is not empty: a backup is restored into an empty one only.");
  const newest = wanted.at(-1);
  if (newest === undefined || wanted.some((name) => !Object.hasOwn(migrations, name)))
    throw new DumpError("The backup is of a later version: restore it with that one.");
  const migrator = new Migrator({ db, provider: { getMigrations: async () => migrations } });
  const { error } = await migrator.migrateTo(newest);
  if (error !== undefined) throw error;
}

/** @returns the statements that bring them back as they were */
async function disableTriggers(trx: DatabaseTransaction): Promise<string[]> {
  const { rows } = await sql<{ table: string; trigger: string; how: string }>`
    select quote_ident(relname) as "table", quote_ident(tgname) as trigger,
      case tgenabled when 'A' then 'enable always' when 'R' then 'enable replica' when 'O' then 'enable' end as how
    from pg_trigger join pg_class on pg_class.oid = tgrelid
    where relnamespace = current_schema()::regnamespace and not tgisinternal and tgenabled <> 'D'
    order by relname, tgname`.execute(trx);
  for (const { table, trigger } of rows)
    await sql.raw(`alter table ${table} disable trigger ${trigger}`).execute(trx);
  return rows.map(({ table, trigger, how }) => `alter table ${table} ${how} trigger ${trigger}`);
}

async function loadTables(
  trx: DatabaseTransaction,
  parts: AsyncIterator<DumpPart>,
  tables: readonly BackedUpTable[],
): Promise<DumpEnd> {
  const loaded: Record<string, ReturnType<typeof createTableDigest>> = {};
  let table: BackedUpTable | undefined;
  while (true) {
    const { value: part, done } = await parts.next();
    if (done === true || part === undefined)
      throw new DumpError("The backup is cut off: its end is missing.");
    if ("end" in part) {
      for (const { name } of tables)
        if (!Object.hasOwn(part.end.tables, name))
          throw new DumpError(`The backup is damaged: the table ${name} is missing.`);
      for (const [name, { rows, digest }] of Object.entries(part.end.tables)) {
        const own = loaded[name]?.end();
        if (own?.rows !== rows || own.digest !== digest)
          throw new DumpError(
            `The backup is damaged: the rows of ${name} are not those that were backed up.`,
          );
      }
      return part.end;
    }
    if ("table" in part) {
      table = tables.find(({ name }) => name === part.table);
      if (table === undefined)
        throw new DumpError(`The backup has a table ${part.table} that its version has not.`);
      if (part.columns.join() !== table.columns.map(({ name }) => name).join())
        throw new DumpError(`The backup has other columns of ${part.table} than its version.`);
      loaded[table.name] = createTableDigest();
    }
    if ("rows" in part) {
      if (table === undefined) throw new DumpError("The backup is damaged: rows come before a table.");
      for (const row of part.rows) loaded[table.name]?.add(row);
      await insertRows(trx, table, part.rows);
    }
  }
}

async function insertRows(
  trx: DatabaseTransaction,
  { name, columns }: BackedUpTable,
  rows: readonly string[],
): Promise<void> {
  const values = rows.map((row) => readRow(row, columns.length));
  const columnTexts = columns.map((_column, index) => values.map((row) => row[index] ?? null));
  const names = sql.join(columns.map((column) => sql.ref(column.name)));
  const texts = sql.join(columnTexts.map((texts) => sql`${texts}::text[]`));
  const aliases = sql.join(columns.map((_column, index) => sql.ref(`c${index}`)));
  const typed = sql.join(
    columns.map((column, index) => sql`${sql.ref(`c${index}`)}::${sql.raw(column.type)}`),
  );
  await sql`insert into ${sql.table(name)} (${names}) overriding system value
    select ${typed} from unnest(${texts}) as backup (${aliases})`.execute(trx);
}

/** @throws DumpError when it is not as many texts, or nulls, as there are columns */
function readRow(text: string, columns: number): (string | null)[] {
  try {
    const row: unknown = JSON.parse(text);
    const isRow = Array.isArray(row) && row.length === columns;
    if (isRow && row.every((value) => value === null || typeof value === "string")) return row;
  } catch {
    // As damaged as what can be read and is something else.
  }
  throw new DumpError("The backup is damaged: a row cannot be read.");
}

/** The next number follows the last that was given. */
async function setSequences(trx: DatabaseTransaction, { sequences }: DumpEnd): Promise<void> {
  const { rows } = await sql<{ name: string }>`
    select sequencename as name from pg_sequences where schemaname = current_schema()`.execute(trx);
  const known = new Set(rows.map(({ name }) => name));
  for (const name of Object.keys(sequences))
    if (!known.has(name)) throw new DumpError(`The backup has a sequence ${name} that its version has not.`);
  for (const [name, last] of Object.entries(sequences))
    await sql`select setval(quote_ident(${name})::regclass, ${last}::bigint)`.execute(trx);
}
