import type { Transaction } from "@electric-sql/pglite";
import type { PGliteDialectConfig } from "kysely";
import { DataDirectoryDamagedError, isDiskFull } from "../database-errors.ts";
import type { GuardedPglite } from "./guarded-pglite.ts";

type Client = Exclude<PGliteDialectConfig["pglite"], (...parameters: never[]) => unknown>;

/** How often a database that has stopped is opened again at most. */
const pauseMs = 5_000;

/** What a client of the embedded database is made of. */
export interface EmbeddedClientParts {
  /** @throws when it cannot be opened */
  readonly open: () => Promise<GuardedPglite>;
  /** Lets go of the files of a database that has stopped. */
  readonly abandon: (stopped: GuardedPglite) => Promise<void>;
  readonly hasRoom: () => boolean;
  /**
   * Hears of each result before it is given.
   *
   * @throws when its files are not in their place any more, so that it cannot be relied on
   */
  readonly assertThere: () => void;
}

/** The embedded database as Kysely asks for it, and why it does not respond. */
export interface EmbeddedClient extends Client {
  /** Whether it has stopped for want of room. */
  readonly isOutOfRoom: boolean;
}

/**
 * Stands before the embedded database and opens it again after it has stopped: Postgres gives up when the disk is full while
 * it writes its log, and recovers by that log once there is room. Until then every call fails at once.
 */
export async function createEmbeddedClient(parts: EmbeddedClientParts): Promise<EmbeddedClient> {
  let current = await parts.open();
  let reopening: Promise<GuardedPglite> | undefined;
  let notBefore = 0;
  let isClosed = false;
  let lost: string | undefined;

  /** What was written to files that are gone is not acknowledged; and what is gone does not come back. */
  async function ifThere<TResult>(work: (pglite: GuardedPglite) => Promise<TResult>): Promise<TResult> {
    // A new one each time: whoever lets an error pass may add to it, as Kysely does to its stack.
    if (lost !== undefined) throw new DataDirectoryDamagedError(lost);
    const result = await work(await living());
    try {
      parts.assertThere();
    } catch (error) {
      if (error instanceof DataDirectoryDamagedError) lost = error.message;
      throw error;
    }
    return result;
  }

  async function reopen(stopped: GuardedPglite): Promise<GuardedPglite> {
    if (!parts.hasRoom() || performance.now() < notBefore) throw stopped.end;
    notBefore = performance.now() + pauseMs;
    await parts.abandon(stopped);
    current = await parts.open();
    return current;
  }

  async function living(): Promise<GuardedPglite> {
    if (current.end === undefined) return current;
    reopening ??= reopen(current).finally(() => {
      reopening = undefined;
    });
    return reopening;
  }

  return {
    get closed() {
      return isClosed;
    },
    get ready() {
      return !isClosed;
    },
    get isOutOfRoom() {
      return current.end !== undefined && isDiskFull(current.end);
    },
    waitReady: Promise.resolve(),
    query: (text, parameters, options) => ifThere((pglite) => pglite.query(text, parameters, options)),
    transaction: async (callback) => {
      let hasBegun = false;
      try {
        return await ifThere((pglite) =>
          pglite.transaction((transaction) => {
            hasBegun = true;
            return callback(transaction);
          }),
        );
      } catch (error) {
        // Kysely waits for its callback, and is told by the first statement.
        if (!hasBegun) await callback(refuseStatements(error));
        throw error;
      }
    },
    close: async () => {
      if (isClosed) return;
      isClosed = true;
      // Postgres would look for what is gone before it stops.
      if (current.end === undefined && lost === undefined) await current.close();
      else await parts.abandon(current);
    },
  };
}

/** Safe: Kysely asks a transaction for nothing but the results of statements. */
function refuseStatements(error: unknown): Transaction {
  return { query: () => Promise.reject(error) } as unknown as Transaction;
}
