import { createHash } from "node:crypto";
import type { Database } from "@obsqra/db";
import type { StoredReplyRow } from "./replies.queries.ts";
import type { Outcome } from "./stored-reply.ts";

/** How a keyed call ended. */
export interface Reply {
  readonly outcome: Outcome;
  /** Whether an earlier call has got it before. */
  readonly isReplay: boolean;
}

/** The reply to a call that is under way. */
interface RunningCall {
  readonly fingerprint: string;
  readonly reply: Promise<Reply>;
}

/** What was found under a key before the call had its turn. */
export interface EarlyReply {
  /** Undefined when there was no reply. */
  readonly row: StoredReplyRow | undefined;
  /** Of `KeyedCalls.settled`, from before it was looked for. */
  readonly settledBefore: number;
}

/** Calls of this process by their keys, on one database. */
export interface KeyedCalls {
  readonly running: Map<string, RunningCall>;
  /** How many have ended. */
  readonly settled: number;
  /** Notes that a call has ended. */
  settle(name: string): void;
  /** Whether a call with the same key may have ended since `settled` was read: what was looked up then may be outdated. */
  mayHaveSettledSince(settled: number, name: string): boolean;
}

/** SHA-256 of the key of somebody who is signed in. */
export function hashKey(key: string): Buffer {
  return createHash("sha256").update(key).digest();
}

/**
 * Per database: two servers in one process have nothing to do with each other. It only spares duplicates a transaction each. That a
 * key is taken once is the table's rule, which also holds between processes and after a restart.
 */
export function keyedCallsOf(db: Database): KeyedCalls {
  const known = callsByDatabase.get(db) ?? createKeyedCalls();
  callsByDatabase.set(db, known);
  return known;
}

const callsByDatabase = new WeakMap<Database, KeyedCalls>();

/** More than can end while one call waits for its turn, most of the time; for others, the reply is looked up again. */
const remembered = 1_000;

function createKeyedCalls(): KeyedCalls {
  const running = new Map<string, RunningCall>();
  /** When each ended last, in the order in which they did. */
  const ends = new Map<string, number>();
  let settled = 0;
  return {
    running,
    get settled() {
      return settled;
    },
    settle: (name) => {
      running.delete(name);
      settled += 1;
      ends.delete(name);
      ends.set(name, settled);
      const [oldest] = ends.keys();
      if (ends.size > remembered && oldest !== undefined) ends.delete(oldest);
    },
    mayHaveSettledSince: (before, name) => settled - before > remembered || (ends.get(name) ?? 0) > before,
  };
}
