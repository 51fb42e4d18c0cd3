import { setTimeout } from "node:timers/promises";
import type { Database } from "@obsqra/db";
import { sql } from "kysely";
import type { Logger } from "../logger.ts";

/** A standby that others may read from, in place of the database that is written to. */
export interface ReadReplica {
  /**
   * The standby, once it has all that was committed before this call, by whatever server: who reads there finds what they have written.
   * Undefined when it is away, or when that takes longer than it may.
   */
  caughtUp(): Promise<Database | undefined>;
  /** Leaves it alone for a while, because a statement on it has failed. */
  leave(error: unknown): void;
}

/** What it rests on. */
export interface ReadReplicaDependencies {
  /** The database that is written to. */
  readonly db: Database;
  readonly replica: Database;
  readonly log: Pick<Logger, "info" | "warn">;
}

export interface ReadReplicaOptions {
  /** How long a caller waits for it to catch up. @default 100 */
  readonly waitMsMax?: number;
  /** How long nobody asks one that was away or late. @default 1000 */
  readonly pauseMs?: number;
}

/** Between two looks at how far it has come. */
const lookMs = 5;

/** Makes it of two open databases, of which one is a standby of the other. */
export function createReadReplica(
  { db, replica, log }: ReadReplicaDependencies,
  { waitMsMax = 100, pauseMs = 1_000 }: ReadReplicaOptions = {},
): ReadReplica {
  let leftUntil = Number.NEGATIVE_INFINITY;
  let isLeft = false;
  let isSameCluster = false;
  const committed = shareNext(() => readPosition(db, committedPosition));
  const replayed = shareNext(() => readPosition(replica, replayedPosition));
  const leave = (error: unknown) => {
    leftUntil = performance.now() + pauseMs;
    if (!isLeft) log.warn({ err: error }, "The standby is not read from: it is away or has fallen behind.");
    isLeft = true;
  };
  const assertSameCluster = async () => {
    if (isSameCluster) return;
    const [own, other] = await Promise.all([readCluster(db), readCluster(replica)]);
    if (own !== other) throw new Error("The standby belongs to another cluster of Postgres.");
    isSameCluster = true;
  };
  const catchUp = async () => {
    const deadline = performance.now() + waitMsMax;
    await assertSameCluster();
    const wanted = await committed();
    while ((await replayed()) < wanted) {
      if (performance.now() > deadline) throw new Error(`It lags by more than ${waitMsMax} ms.`);
      await setTimeout(lookMs);
    }
  };
  return {
    leave,
    caughtUp: async () => {
      if (performance.now() < leftUntil) return undefined;
      try {
        await catchUp();
      } catch (error) {
        leave(error);
        return undefined;
      }
      if (isLeft) log.info({}, "The standby is read from again.");
      isLeft = false;
      return replica;
    },
  };
}

// A commit is acknowledged once the log is on the disk so far.
const committedPosition = sql<{
  position: string | null;
}>`select pg_current_wal_flush_lsn()::text as position`;
// One that has become a primary goes its own way.
const replayedPosition = sql<{ position: string | null }>`select
  case when pg_is_in_recovery() then pg_last_wal_replay_lsn()::text end as position`;

/** A position in the log, as a number. */
async function readPosition(db: Database, statement: typeof committedPosition): Promise<bigint> {
  const { rows } = await statement.execute(db);
  const position = rows[0]?.position;
  if (position == null) throw new Error("It is no standby.");
  // https://www.postgresql.org/docs/current/datatype-pg-lsn.html: two numbers of 32 bits
  const [high = "", low = ""] = position.split("/");
  return (BigInt(`0x${high}`) << 32n) + BigInt(`0x${low}`);
}

async function readCluster(db: Database): Promise<string | undefined> {
  const { rows } = await sql<{
    id: string;
  }>`select system_identifier::text as id from pg_control_system()`.execute(db);
  return rows[0]?.id;
}

/**
 * However many ask while one look is under way, one more is made for all of them: not the one under way, which may have seen less
 * than was there when they asked.
 */
function shareNext<TResult>(look: () => Promise<TResult>): () => Promise<TResult> {
  let underWay: Promise<unknown> = Promise.resolve();
  let next: Promise<TResult> | undefined;
  return () => {
    next ??= underWay.then(() => {
      const looking = look();
      underWay = looking.catch(() => {});
      next = undefined;
      return looking;
    });
    return next;
  };
}
