/** A connection to a database of either engine. */
export interface Session {
  /** Statements without parameters, one or several. */
  exec(sql: string): Promise<void>;
  /** @returns the rows, which have what the statement selects */
  query<TRow>(sql: string, parameters?: unknown[]): Promise<TRow[]>;
}

/** Brings a database back to the state in which it was opened. */
export interface Restorer {
  /** @returns false when more than rows has changed, such as a table or a trigger: the database is of no more use */
  restore(session: Session): Promise<boolean>;
}

interface Table {
  /** Quoted where it has to be. */
  readonly name: string;
  /** The columns that can be written. */
  readonly columns: string;
  /** Whether it has triggers that are always enabled, also without the others. */
  readonly has_triggers: boolean;
  readonly count: number;
  /** The rows as a JSON array. */
  readonly rows: string;
}

interface Sequence {
  readonly name: string;
  readonly last_value: number;
  readonly is_called: boolean;
}

interface Estimate {
  readonly name: string;
  /** In rows, or {@link neverCounted}. */
  readonly size: number;
  readonly is_new: boolean;
}

const neverCounted = -1;

/** Where Postgres writes down what is not a row of a table of ours. */
const catalogs = [
  "pg_attribute",
  "pg_class",
  "pg_constraint",
  "pg_db_role_setting",
  "pg_index",
  "pg_namespace",
  "pg_proc",
  "pg_rewrite",
  "pg_trigger",
  "pg_type",
];

/** Where our tables are, and those of the queue, which an older schema has not. */
const schemas = `select oid from pg_namespace where nspname in (current_schema(), current_schema() || '_jobs')`;

/** Remembers the state of a database, outside of it: some tests look at everything that is in there. */
export async function createRestorer(session: Session): Promise<Restorer> {
  const tables = await listTables(session);
  const sequences = await listSequences(session);
  const sizes = new Map((await listEstimates(session, "0")).map(({ name, size }) => [name, size]));
  const catalogCounts = new Map<string, number>();
  for (const catalog of catalogs) catalogCounts.set(catalog, await countRows(session, catalog));
  let since = await nextTransaction(session);
  let writes = await countWrites(session);
  const findWritten = async (session: Session): Promise<Set<string>> => {
    const now = await countWrites(session);
    return new Set([...now].filter(([name, count]) => writes.get(name) !== count).map(([name]) => name));
  };

  return {
    restore: async (session) => {
      // Settings, locks and temporary tables of the session.
      await session.exec("discard all");
      // First: a table may be gone.
      const written = await findWritten(session);
      if (catalogs.some((catalog) => written.has(catalog))) {
        if (await haveChanged(session, { counts: catalogCounts, since })) return false;
      }
      // Without foreign keys and triggers: tables that may only grow shrink here.
      await session.exec("set session_replication_role = replica");
      // First those with triggers that nothing stops: what these write into other tables is taken back with what is in there.
      for (const table of tables) {
        if (table.has_triggers && written.has(table.name)) await refill(session, table);
      }
      const others = written.size > 0 ? await findWritten(session) : written;
      for (const table of tables) {
        if (!table.has_triggers && others.has(table.name)) await refill(session, table);
      }
      for (const { name, size, is_new } of await listEstimates(session, since)) {
        if (!is_new && size === sizes.get(name)) continue;
        await clearStatistics(session, name);
        if (sizes.get(name) !== neverCounted) await session.exec(`analyze ${name}`);
      }
      await setSequences(session, sequences);
      await session.exec("reset session_replication_role");
      since = await nextTransaction(session);
      writes = await countWrites(session);
      return true;
    },
  };
}

/**
 * How many rows were ever added to each table of ours and of {@link catalogs}, changed in it or removed from it, also by what was
 * rolled back: an equal number says that nothing was written. Postgres counts it anyway, and is told of the writes of sessions
 * that have ended; looking at the tables would cost more than most tests do.
 */
async function countWrites(session: Session): Promise<Map<string, string>> {
  await session.exec("select pg_stat_force_next_flush()");
  const rows = await session.query<{ name: string; count: string }>(
    `select cast(cast(oid as regclass) as text) as name, cast(pg_stat_get_tuples_inserted(oid)
       + pg_stat_get_tuples_updated(oid) + pg_stat_get_tuples_deleted(oid) as text) as count
     from pg_class where relkind = 'r' and (relnamespace in (${schemas}) or oid = any (cast('{${catalogs}}' as regclass[])))`,
  );
  return new Map(rows.map(({ name, count }) => [name, count]));
}

async function setSequences(session: Session, sequences: readonly Sequence[]): Promise<void> {
  await session.query(
    `select setval(cast(name as regclass), last_value, is_called)
     from json_to_recordset($1) as (name text, last_value bigint, is_called boolean)`,
    [JSON.stringify(sequences)],
  );
}

async function refill(session: Session, { name, columns, count, rows }: Table): Promise<void> {
  await session.exec(`delete from ${name}`);
  if (count === 0) return;
  await session.query(
    `insert into ${name} (${columns}) overriding system value
     select ${columns} from json_populate_recordset(cast(null as ${name}), $1)`,
    [rows],
  );
}

/** What the planner believes of each table, and whether it learnt that of a column since a transaction; imports see to it. */
async function listEstimates(session: Session, since: string): Promise<Estimate[]> {
  return session.query<Estimate>(
    `select quote_ident(relname) as name, reltuples as size, exists (
       select from pg_statistic where starelid = pg_class.oid and cast(cast(xmin as text) as bigint) >= ${since}
     ) as is_new
     from pg_class where relkind = 'r' and relnamespace = cast(current_schema() as regnamespace)`,
  );
}

/** As of a new table: what one test has put into it must not decide how the next one's statements are planned. */
async function clearStatistics(session: Session, table: string): Promise<void> {
  await session.exec(`
    select pg_clear_attribute_stats(current_schema(), relname, attname, false)
    from pg_class join pg_attribute on attrelid = pg_class.oid
    where pg_class.oid = cast('${table}' as regclass) and attnum > 0 and not attisdropped;
    select pg_clear_relation_stats(current_schema(), relname)
    from pg_class where oid = cast('${table}' as regclass)`);
}

/** Whether a row was added to one of some tables, changed in it or removed from it since a transaction. */
async function haveChanged(
  session: Session,
  { counts, since }: { readonly counts: ReadonlyMap<string, number>; readonly since: string },
): Promise<boolean> {
  const questions = [...counts].map(
    ([name, rows]) => `select from ${name}
      having count(*) <> ${rows} or count(*) filter (where cast(cast(xmin as text) as bigint) >= ${since}) > 0`,
  );
  return (await session.query(questions.join(" union all "))).length > 0;
}

async function listTables(session: Session): Promise<Table[]> {
  const rows = await session.query<Pick<Table, "name" | "columns" | "has_triggers">>(`
    select cast(cast(pg_class.oid as regclass) as text) as name,
      string_agg(quote_ident(attname), ', ' order by attnum) as columns,
      exists (select from pg_trigger where tgrelid = pg_class.oid and tgenabled = 'A') as has_triggers
    from pg_class join pg_attribute on attrelid = pg_class.oid
    where relkind = 'r' and relnamespace in (${schemas})
      and attnum > 0 and not attisdropped and attgenerated = ''
    group by pg_class.oid, relname order by relname`);
  const tables: Table[] = [];
  for (const row of rows) tables.push({ ...row, ...(await readRows(session, row.name)) });
  return tables;
}

async function listSequences(session: Session): Promise<Sequence[]> {
  const rows = await session.query<{ name: string }>(
    `select cast(cast(oid as regclass) as text) as name from pg_class
     where relkind = 'S' and relnamespace in (${schemas})`,
  );
  const sequences: Sequence[] = [];
  for (const { name } of rows) {
    const states = await session.query<Omit<Sequence, "name">>(`select last_value, is_called from ${name}`);
    for (const state of states) sequences.push({ name, ...state });
  }
  return sequences;
}

async function readRows(session: Session, table: string): Promise<Pick<Table, "count" | "rows">> {
  const rows = await session.query<Pick<Table, "count" | "rows">>(
    `select cast(count(*) as integer) as count, cast(coalesce(json_agg(t), '[]') as text) as rows from ${table} t`,
  );
  return rows[0] ?? { count: 0, rows: "[]" };
}

async function countRows(session: Session, table: string): Promise<number> {
  const rows = await session.query<{ n: number }>(`select cast(count(*) as integer) as n from ${table}`);
  return rows[0]?.n ?? 0;
}

/** Every transaction that starts from now on has this number or a higher one. */
async function nextTransaction(session: Session): Promise<string> {
  const rows = await session.query<{ id: string }>(
    "select cast(pg_snapshot_xmax(pg_current_snapshot()) as text) as id",
  );
  return rows[0]?.id ?? "0";
}
