import type pg from "pg";
import { DatabaseEncodingError } from "./database-errors.ts";
import type { SendStatement } from "./wire-statement.ts";

/** A connection's way of sending, with the settings that we rely on. */
export interface Session {
  readonly send: SendStatement;
  /** Whether it is one connection of the server, and nobody else's: what is set or kept on it stays. */
  readonly isOwn: boolean;
  /** The server's process, where it is nobody else's. */
  readonly process: number | undefined;
}

/** How long statements, and transactions that wait for us, may take, in milliseconds. */
export interface SessionLimits {
  readonly statementTimeoutMs: number;
  readonly idleInTransactionTimeoutMs: number;
}

/**
 * What the results that we read depend on. A role, a database or a server can have other defaults, and so can who used a
 * pooled connection before.
 */
const needed = {
  DateStyle: "ISO, YMD",
  TimeZone: "UTC",
  IntervalStyle: "postgres",
  bytea_output: "hex",
  // As many digits as a number needs to be read as the same number.
  extra_float_digits: "1",
  standard_conforming_strings: "on",
  array_nulls: "on",
  transform_null_equals: "off",
  lock_timeout: "0",
} as const;

/**
 * What only some versions of Postgres have, or only some roles may set: looked up first, and set where it is there and is something
 * else. Their value says what it has to be.
 */
const neededWhereKnown = {
  // Ends connections that wait in the pool (Postgres 14 and later).
  idle_session_timeout: "0",
  // Ends imports (Postgres 17 and later).
  transaction_timeout: "0",
  // As replica, no trigger would run: logs would be neither chained nor append-only. Who may not set it is told so by Postgres.
  session_replication_role: "origin",
} as const;

/**
 * Settings of which one value breaks a promise or a statement. Every other value is the operator's choice and stays, such as
 * `remote_apply` for who waits for a standby.
 */
const replaced = [
  // What was acknowledged could be lost with the server.
  { name: "synchronous_commit", value: "on", where: "current_setting('synchronous_commit') = 'off'" },
  // Says nothing that is not so already, but Postgres refuses to make partitioned tables, such as those of the queue.
  {
    name: "default_tablespace",
    value: "",
    where: `current_setting('default_tablespace') = (select spcname from pg_tablespace
      join pg_database on dattablespace = pg_tablespace.oid where datname = current_database())`,
  },
] as const;

/** Isolation and writing are settings of a transaction, which it has to begin with. */
const begin = "begin isolation level read committed, read write";

/**
 * Makes a new connection one whose statements all see the settings that we need. Nothing is sent as a start-up parameter,
 * which poolers refuse.
 *
 * A connection of our own is set once. Behind a pooler such as PgBouncer, whose statements may each run on another connection
 * of the server, every transaction sets them for itself (`set local`), and a single statement becomes a transaction: two
 * round trips more, and nothing is left behind for others. A pooler is told by its process number, which is not the server's.
 *
 * @param send sends on this connection
 */
export async function startSession(
  client: pg.PoolClient,
  send: SendStatement,
  limits: SessionLimits,
): Promise<Session> {
  const current = Object.keys(neededWhereKnown).map((name) => `current_setting('${name}', true) as ${name}`);
  const broken = replaced.map(({ name, where }) => `${where} as ${name}`);
  const { rows } = await send({
    text: `select pg_backend_pid() as process, current_schema() as schema, current_setting('server_encoding') as encoding,
      ${[...current, ...broken].join(", ")}`,
  });
  const { process, schema, encoding, ...known } = rows[0] as SessionStart;
  if (encoding !== "UTF8") throw new DatabaseEncodingError(encoding);
  const settings = new Map<string, string>([
    ...Object.entries(needed),
    ...Object.entries(neededWhereKnown).filter(([name, value]) => (known[name] ?? value) !== value),
    ...replaced.filter(({ name }) => known[name] === true).map(({ name, value }) => [name, value] as const),
    ["search_path", schemaToUse(schema)],
    ["statement_timeout", String(limits.statementTimeoutMs)],
    ["idle_in_transaction_session_timeout", String(limits.idleInTransactionTimeoutMs)],
  ]);
  const { processID } = client as pg.PoolClient & { processID?: number | null };
  if (process !== processID) return { send: sendPooled(send, settings), isOwn: false, process: undefined };
  await send({ text: setAll(settings, "session") });
  await send({
    text: "set session characteristics as transaction isolation level read committed, read write",
  });
  return { send, isOwn: true, process };
}

interface SessionStart {
  readonly process: number;
  readonly schema: string | null;
  readonly encoding: string;
  /** A setting's value, or null where there is no such setting. */
  readonly [setting: string]: unknown;
}

/** The schema that role or URL have chosen; where they choose none of ours, the one that every database has. */
function schemaToUse(current: string | null): string {
  const schema = current === null || /^(pg_|information_schema$)/.test(current) ? "public" : current;
  return `"${schema.replaceAll('"', '""')}"`;
}

/** What is set for the session is kept here, and set in each transaction. */
function sendPooled(send: SendStatement, defaults: ReadonlyMap<string, string>): SendStatement {
  const settings = new Map(defaults);
  let isInTransaction = false;
  const start = (text: string) => send({ text: `${text}; ${setAll(settings, "transaction")}` });
  return async ({ text: sent, values }) => {
    // Without a name: the next one may run on another connection of the server.
    const statement = { text: sent, values };
    const text = sent.trim().replace(/;$/, "");
    if (/^(begin|start transaction)\b/i.test(text)) {
      const result = await start(text.toLowerCase() === "begin" ? begin : text);
      isInTransaction = true;
      return result;
    }
    if (/^(commit|rollback|end|abort)$/i.test(text)) {
      isInTransaction = false;
      return send(statement);
    }
    if (isInTransaction) return send(statement);
    const [, name = "", value = ""] = /^set (\w+) = '?(\w+)'?$/i.exec(text) ?? [];
    if (defaults.has(name)) {
      settings.set(name, value);
      return { command: "SET", rowCount: null, rows: [] };
    }
    await start(begin);
    try {
      const result = await send(statement);
      await send({ text: "commit" });
      return result;
    } catch (error) {
      // What went wrong is what has to be told, also when the connection is gone.
      await send({ text: "rollback" }).catch(() => {});
      throw error;
    }
  };
}

function setAll(settings: ReadonlyMap<string, string>, scope: "session" | "transaction"): string {
  const quote = (text: string) => `'${text.replaceAll("'", "''")}'`;
  const calls = Array.from(
    settings,
    ([name, value]) => `set_config(${quote(name)}, ${quote(value)}, ${scope === "transaction"})`,
  );
  return `select ${calls.join(", ")}`;
}
