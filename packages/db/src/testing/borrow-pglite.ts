import { readFile } from "node:fs/promises";
import { PGlite } from "@electric-sql/pglite";
import { Kysely, PGliteDialect } from "kysely";
import type { OpenDatabase } from "../open-database.ts";
import { pgliteTypes } from "../pglite-types.ts";
import type { Tables } from "../tables.ts";
import { createRestorer, type Restorer, type Session } from "./restore-tables.ts";
import { stateByAsking } from "./state-by-asking.ts";

interface Instance {
  readonly pglite: PGlite;
  readonly restorer: Restorer;
}

/** How Postgres numbers the type. */
const jsonType = 114;

/** What is free, by the file of its snapshot. Opening one takes about half a second, restoring one a few milliseconds. */
const idle = new Map<string, Instance>();

/**
 * A PGlite as the snapshot has it: one that an earlier test of this process has given back and that has been restored, or
 * a new one. Closing it gives it back.
 */
export async function borrowPglite(snapshotFile: string): Promise<OpenDatabase> {
  const instance = (await takeIdle(snapshotFile)) ?? (await open(snapshotFile));
  const { pglite } = instance;
  const running = new Set<Promise<unknown>>();
  let isClosed = false;
  const track = <TResult>(start: () => Promise<TResult>): Promise<TResult> => {
    if (isClosed) return Promise.reject(new Error("PGlite is closed"));
    const result = start();
    running.add(result);
    const remove = () => void running.delete(result);
    result.then(remove, remove);
    return result;
  };
  const close = async (): Promise<void> => {
    if (isClosed) return;
    isClosed = true;
    // A transaction that nobody finishes would be there for the next test too.
    if (await hasFinished(running)) giveBack(snapshotFile, instance);
  };
  const db = new Kysely<Tables>({
    dialect: new PGliteDialect({
      pglite: {
        get closed() {
          return isClosed;
        },
        ready: true,
        waitReady: pglite.waitReady,
        query: (text, parameters, options) => track(() => pglite.query(text, parameters, options)),
        transaction: (callback) => track(() => pglite.transaction(callback)),
        close,
      },
    }),
  });
  return {
    db,
    engine: "pglite",
    // The next test has the instance anew.
    writes: undefined,
    ...stateByAsking(db),
    close: async () => {
      // Kysely closes PGlite only once it has run a statement.
      await db.destroy();
      await close();
    },
  };
}

async function open(snapshotFile: string): Promise<Instance> {
  const pglite = await PGlite.create({
    ...pgliteTypes,
    loadDataDir: new Blob([await readFile(snapshotFile)]),
  });
  return { pglite, restorer: await createRestorer(sessionOf(pglite)) };
}

async function takeIdle(snapshotFile: string): Promise<Instance | undefined> {
  const instance = idle.get(snapshotFile);
  idle.delete(snapshotFile);
  if (instance === undefined) return undefined;
  if (await instance.restorer.restore(sessionOf(instance.pglite))) return instance;
  await instance.pglite.close();
  return undefined;
}

function sessionOf(pglite: PGlite): Session {
  return {
    exec: async (sql) => void (await pglite.exec(sql)),
    query: async <TRow>(sql: string, parameters: unknown[] = []) => {
      // JSON comes as text already; PGlite would write it as JSON once more.
      const options = { serializers: { [jsonType]: (text: string) => text } };
      return (await pglite.query<TRow>(sql, parameters, options)).rows;
    },
  };
}

function giveBack(snapshotFile: string, instance: Instance): void {
  if (idle.has(snapshotFile)) void instance.pglite.close();
  else idle.set(snapshotFile, instance);
}

/** Whether everything comes to its end by itself: whatever does not need anything from outside does so at once. */
async function hasFinished(running: ReadonlySet<Promise<unknown>>): Promise<boolean> {
  for (let turn = 0; running.size > 0 && turn < 1_000; turn += 1) {
    await new Promise(setImmediate);
  }
  return running.size === 0;
}
