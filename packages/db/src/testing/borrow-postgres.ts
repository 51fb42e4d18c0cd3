import { randomUUID } from "node:crypto";
import { setTimeout } from "node:timers/promises";
import pg from "pg";
import { type OpenDatabase, openDatabase } from "../open-database.ts";
import { createRestorer, type Restorer, type Session } from "./restore-tables.ts";
import { type TestSnapshot, templateName } from "./snapshots.ts";

interface Copy {
  readonly name: string;
  readonly url: string;
  readonly restorer: Restorer;
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
  return { name, url: url.href, restorer: await connected(url.href, createRestorer) };
}

async function takeIdle(serverUrl: string, snapshot: TestSnapshot): Promise<Copy | undefined> {
  const [copy, ...others] = idle.get(snapshot) ?? [];
  idle.set(snapshot, others);
  if (copy === undefined) return undefined;
  const isRestored = await connected(
    copy.url,
    async (session) => (await isLeft(session)) && copy.restorer.restore(session),
  );
  if (isRestored) return copy;
  await drop(serverUrl, copy);
  return undefined;
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

async function drop(serverUrl: string, { name }: Copy): Promise<void> {
  await connected(serverUrl, ({ exec }) => exec(`drop database if exists ${name} with (force)`));
}

async function connected<TResult>(
  url: string,
  work: (session: Session) => Promise<TResult>,
): Promise<TResult> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return await work({
      exec: async (sql) => void (await client.query(sql)),
      query: async (sql, parameters) => (await client.query(sql, parameters)).rows,
    });
  } finally {
    await client.end();
  }
}
