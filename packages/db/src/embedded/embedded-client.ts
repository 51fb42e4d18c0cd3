import type { PGliteDialectConfig } from "kysely";
import { isDiskFull } from "../database-errors.ts";
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
    query: async (text, parameters, options) => (await living()).query(text, parameters, options),
    transaction: async (callback) => (await living()).transaction(callback),
    close: async () => {
      if (isClosed) return;
      isClosed = true;
      if (current.end === undefined) await current.close();
      else await parts.abandon(current);
    },
  };
}
