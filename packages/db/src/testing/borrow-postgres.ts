import { randomUUID } from "node:crypto";
import { Socket } from "node:net";
import { setTimeout } from "node:timers/promises";
import pg from "pg";
import { type OpenDatabase, openDatabase } from "../open-database.ts";
import { createRestorer, type Restorer, type Session } from "./restore-tables.ts";
import { type TestSnapshot, templateName } from "./snapshots.ts";

interface Copy {
  readonly name: string;
  readonly url: string;
  /** Stays open: what a new connection first has to read of the catalogs costs more than restoring does. */
  readonly client: pg.Client;
  readonly session: Session;
  readonly restorer: Restorer;
  /** Whether the connection has gone. */
  readonly isLost: () => boolean;
}

/** What is free. Copying a template takes a tenth of a second and more, restoring a copy a few milliseconds. */
const idle = new Map<TestSnapshot, Copy[]>();

/** How many may be free; a test seldom uses more at once. */
const idleMax = 2;

/**
 * A database as the snapshot has it: a copy that an earlier test of this process has given back and that has been restored,
 * or a new one. Closing it gives it back.
 *
 * @param serverUrl URL of the maintenance database
 */
export async function borrowPostgres(
  serverUrl: string,
  snapshot: TestSnapshot,
): Promise<OpenDatabase & { readonly url: string }> {
  const copy = (await takeIdle(serverUrl, snapshot)) ?? (await copyTemplate(serverUrl, snapshot));
  const opened = await openDatabase({ url: copy.url, pool: { size: 5 } });
  let isGivenBack = false;
  return {
    ...opened,
    url: copy.url,
    close: async () => {
      await opened.close();
      if (isGivenBack) return;
      isGivenBack = true;
      const free = idle.get(snapshot) ?? [];
      if (free.length < idleMax) idle.set(snapshot, [...free, copy]);
      else await drop(serverUrl, copy);
    },
  };
}

async function copyTemplate(serverUrl: string, snapshot: TestSnapshot): Promise<Copy> {
  const name = `test_${randomUUID().replaceAll("-", "")}`;
  await connected(serverUrl, ({ exec }) =>
    exec(`create database ${name} template ${templateName(snapshot)}`),
  );
  const url = new URL(serverUrl);
  url.pathname = `/${name}`;
  // Waiting for the next test keeps no process.
  const client = new pg.Client({ connectionString: url.href, stream: () => new Socket().unref() });
  let isLost = false;
  // A test may end it, and so does the end of the server.
  client.on("error", () => {
    isLost = true;
  });
  await client.connect();
  const session = sessionOf(client);
  const restorer = await createRestorer(session);
  return { name, url: url.href, client, session, restorer, isLost: () => isLost };
}

async function takeIdle(serverUrl: string, snapshot: TestSnapshot): Promise<Copy | undefined> {
  const [copy, ...others] = idle.get(snapshot) ?? [];
  idle.set(snapshot, others);
  if (copy === undefined) return undefined;
  if (await isRestored(copy)) return copy;
  await drop(serverUrl, copy);
  return undefined;
}

async function isRestored({ session, restorer, isLost }: Copy): Promise<boolean> {
  return !isLost() && (await isLeft(session)) && (await restorer.restore(session));
}

/** Whether everybody else has gone: whoever still writes, such as a server that was killed, would do so in the next test. */
async function isLeft({ query }: Session): Promise<boolean> {
  for (let turn = 0; turn < 50; turn += 1) {
    const others = await query(
      "select pid from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()",
    );
    if (others.length === 0) return true;
    await setTimeout(10);
  }
  return false;
}

async function drop(serverUrl: string, { name, client }: Copy): Promise<void> {
  await client.end().catch(() => {});
  await connected(serverUrl, ({ exec }) => exec(`drop database if exists ${name} with (force)`));
}

async function connected<TResult>(
  url: string,
  work: (session: Session) => Promise<TResult>,
): Promise<TResult> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return await work(sessionOf(client));
  } finally {
    await client.end();
  }
}

function sessionOf(client: pg.Client): Session {
  return {
    exec: async (sql) => void (await client.query(sql)),
    query: async (sql, parameters) => (await client.query(sql, parameters)).rows,
  };
}
