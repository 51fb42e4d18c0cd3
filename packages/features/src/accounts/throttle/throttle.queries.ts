import type { Database } from "@obsqra/db";
import { type RawBuilder, sql } from "kysely";

/** A counter, and how it slows down what it counts. */
export interface Counter {
  readonly key: Uint8Array;
  /** Attempts before the first delay. */
  readonly freeAttempts: number;
  readonly firstDelaySeconds: number;
  readonly longestDelaySeconds: number;
  /** From the first attempt until the count starts anew. */
  readonly windowSeconds: number;
}

/** The keys of the two counters of an attempt. */
export interface AttemptKeys {
  readonly subject: Uint8Array;
  readonly ip: Uint8Array;
}

/** What became of an attempt. */
export interface CountedAttempt {
  /** When a counter allows the next attempt; null when none was in the way. */
  readonly blocked_until: Date | null;
  /** How many of the two counters have counted it. */
  readonly counted: number;
}

/**
 * Counts an attempt at both counters unless one of them still makes it wait; then at none. Each counter doubles its delay
 * with every attempt after the free ones. Of attempts at the same moment no more get through than one by one, because
 * each looks at a counter's row again once it has it for itself.
 */
export async function upsertAttempt(
  db: Database,
  { subject, ip, now }: { readonly subject: Counter; readonly ip: Counter; readonly now: Date },
): Promise<CountedAttempt> {
  const at = sql`cast(${now} as timestamptz)`;
  // No delay and no window is so long: what ends later was counted before the clock was set back. The count goes on, and the
  // next attempt waits for no more than it would have to now.
  const isCounting = sql`stored.reset_at > ${at}`;
  const isWaiting = sql`stored.next_attempt_at > ${at} and ${isCounting}
    and stored.next_attempt_at <= ${at} + make_interval(secs => counter.longest_delay)`;
  // The subject first, then the ip, as everywhere: two orders would end in deadlocks.
  const { rows } = await sql<CountedAttempt>`
    with counter (key, free, first_delay, longest_delay, lasts) as (values ${counterValues(subject)}, ${counterValues(ip)}),
    blocked as (
      select max(least(next_attempt_at, reset_at)) as until from auth_throttle as stored join counter using (key)
      where ${isWaiting}
    ),
    counted as (
      insert into auth_throttle as stored (key, attempts, next_attempt_at, reset_at)
      select key, 1, ${at} + ${delayAfter(sql`1`)}, ${at} + lasts from counter where (select until from blocked) is null
      on conflict (key) do update set (attempts, next_attempt_at, reset_at) = (
        select attempt.number, ${at} + ${delayAfter(sql`attempt.number`)},
          case when ${isCounting} then least(stored.reset_at, excluded.reset_at) else excluded.reset_at end
        from counter, (select case when ${isCounting} then stored.attempts + 1 else 1 end) as attempt (number)
        where counter.key = excluded.key
      )
      where not exists (select from counter where counter.key = stored.key and ${isWaiting})
      returning stored.key
    )
    select (select until from blocked) as blocked_until,
      (select count(*)::int from counted) as counted`.execute(db);
  const [row] = rows;
  if (row === undefined) throw new Error("A select without from has one row.");
  return row;
}

function counterValues(counter: Counter): RawBuilder<unknown> {
  const { key, freeAttempts, firstDelaySeconds, longestDelaySeconds, windowSeconds } = counter;
  return sql`(cast(${key} as bytea), cast(${freeAttempts} as int), cast(${firstDelaySeconds} as float8),
    cast(${longestDelaySeconds} as float8), make_interval(secs => cast(${windowSeconds} as float8)))`;
}

/** How long the next attempt has to wait after the one of this number. The power is cut off before it overflows. */
function delayAfter(attempts: RawBuilder<unknown>): RawBuilder<unknown> {
  return sql`make_interval(secs => case when ${attempts} < counter.free then 0
    else least(counter.longest_delay, counter.first_delay * 2 ^ least(${attempts} - counter.free, 30)) end)`;
}

/** Deletes the counter of a subject, and takes back the one attempt that its ip has counted for it. */
export async function deleteAttempts(db: Database, keys: AttemptKeys): Promise<void> {
  await db
    .with("cleared", (query) =>
      query.deleteFrom("auth_throttle").where("key", "=", keys.subject).returning("key"),
    )
    .updateTable("auth_throttle")
    .set(({ eb }) => ({ attempts: eb("attempts", "-", 1) }))
    .where("key", "=", keys.ip)
    .where("attempts", ">", 1)
    .where(({ exists, selectFrom }) => exists(selectFrom("cleared").select("key")))
    .execute();
}
