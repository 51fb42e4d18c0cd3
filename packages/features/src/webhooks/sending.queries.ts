import type { Database, DatabaseTransaction, NewRow, Row, Tables } from "@obsqra/db";
import { type RawBuilder, sql } from "kysely";
import { attemptsMax } from "./retry-schedule.ts";

/** A delivery that this process is to send. */
export type ClaimedDelivery = Pick<
  Row<Tables["webhook_deliveries"]>,
  "id" | "webhook_id" | "owner_id" | "event_type" | "body" | "attempts"
> &
  Pick<
    Row<Tables["webhooks"]>,
    "url" | "secret_sealed" | "previous_secret_sealed" | "previous_secret_expires_at"
  > & {
    readonly lease: string;
    /** Whether the last attempt to its webhook has failed or was slow. */
    readonly is_failing: boolean;
  };

/** How much is sent at once, by all processes together. */
export interface SendingLimits {
  readonly perWebhook: number;
  /** To one whose last attempt has failed or was slow. */
  readonly perFailingWebhook: number;
  readonly perOwner: number;
}

/** Of the few who take this lock: whoever claims deliveries. */
const claimLock = 7_024_000_042;

/** Whether anything is to be sent at some time. */
export async function hasPendingDeliveries(db: Database): Promise<boolean> {
  const { rows } = await sql<{ has_any: boolean }>`
    select exists (select from webhook_deliveries where status = 'pending') as has_any`.execute(db);
  return rows[0]?.has_any === true;
}

/** What waits to be sent to webhooks, and what became of what was sent lately. */
export interface DeliveryFigures {
  readonly pending: number;
  /** Since when the one that is due for longest has been; null when none is. */
  readonly due_since: Date | null;
  /** Deliveries that ended within the last hour, the last attempt of which was taken. */
  readonly delivered_last_hour: number;
  /** The same of those that were given up. */
  readonly dead_last_hour: number;
  /** Webhooks whose last attempt has failed. */
  readonly failing_webhooks: number;
}

export async function findDeliveryFigures(db: Database, now: Date): Promise<DeliveryFigures | undefined> {
  const ended = sql`from webhook_deliveries
    where coalesce(ended_at, created_at) > ${now}::timestamptz - interval '1 hour' and ended_at is not null`;
  const { rows } = await sql<DeliveryFigures>`select
    (select count(*)::int from webhook_deliveries where status = 'pending') as pending,
    (select min(next_attempt_at) from webhook_deliveries where status = 'pending' and next_attempt_at <= ${now}) as due_since,
    (select count(*)::int ${ended} and status = 'delivered') as delivered_last_hour,
    (select count(*)::int ${ended} and status = 'dead') as dead_last_hour,
    (select count(*)::int from webhooks where failing_since is not null) as failing_webhooks`.execute(db);
  return rows[0];
}

/** An attempt that took longer is slow: it keeps a place like one that fails, whatever was responded. */
const slowMs = 1_000;

/** Of an account, so many of the newest attempts are looked at for those that were slow. */
const attemptsLookedAt = 32;

/** Whether the webhook in `webhooks` fails, or the last attempt to it was slow. */
const isFailing = sql<boolean>`(webhooks.failing_since is not null or coalesce((
  select recent.duration_ms > ${sql.lit(slowMs)} from (
    select id, webhook_id, duration_ms from webhook_attempts
    where owner_id = webhooks.owner_id order by id desc limit ${sql.lit(attemptsLookedAt)}
  ) as recent
  where recent.webhook_id = webhooks.id order by recent.id desc limit 1
), false))`;

/** Of those that are chosen, to a webhook that takes what it is sent: three for one whose last attempt has failed or was slow. */
const healthyForFailing = 3;

/**
 * Takes deliveries that are due, owners in turn: those first to whom least is being sent, and among these by chance, so that whose
 * messages have waited longest, because there are many of them, is not ahead of everybody. What goes to webhooks whose last attempt has
 * failed or was slow comes in smaller part and number, since most of them take as long as an attempt may. Of a subject, only the earliest that has not ended; none that somebody sends, until
 * their lease is over by the database's clock, which nobody moves. While another process claims, none.
 */
export async function claimDeliveries(
  trx: DatabaseTransaction,
  claim: {
    readonly now: Date;
    readonly waitMsMax: number;
    readonly leaseSeconds: number;
    readonly count: number;
    /** Of these, to webhooks whose last attempt has failed or was slow. */
    readonly failingCount: number;
    readonly limits: SendingLimits;
  },
): Promise<ClaimedDelivery[]> {
  const { now, limits } = claim;
  const lock = await sql<{ is_mine: boolean }>`
    select pg_try_advisory_xact_lock(${claimLock}::bigint) as is_mine`.execute(trx);
  if (lock.rows[0]?.is_mine !== true) return [];
  // Nothing waits for longer: it was queued before the clock was set back.
  const beyond = new Date(now.getTime() + claim.waitMsMax);
  const { rows } = await sql<ClaimedDelivery>`
    with sending as (
      select webhook_id, owner_id, count(*) as number from webhook_deliveries
      where lease is not null and leased_until > now() group by webhook_id, owner_id
    ), due as (
      select delivery.id, webhooks.owner_id, pace.is_failing,
        row_number() over (partition by webhooks.owner_id order by delivery.next_attempt_at, delivery.id) as place
      from webhooks
      join users on users.id = webhooks.owner_id and users.erase_after is null and users.erased_at is null
      left join sending on sending.webhook_id = webhooks.id
      cross join lateral (select ${isFailing} as is_failing offset 0) as pace
      cross join lateral (
        select id, next_attempt_at, row_number() over (order by next_attempt_at, id) as place
        from (
          ${firstOfSubjects(sql`next_attempt_at <= ${now}`, limits)}
          union all
          ${firstOfSubjects(sql`next_attempt_at > ${beyond}`, limits)}
        ) as first
      ) as delivery
      where webhooks.status = 'active'
        and delivery.place + coalesce(sending.number, 0) <=
          case when pace.is_failing then ${limits.perFailingWebhook}::int else ${limits.perWebhook}::int end
    ), in_turn as (
      select due.id, is_failing,
        row_number() over (
          partition by is_failing
          order by due.place + coalesce(owners.number, 0), md5(due.owner_id::text || ${now}::timestamptz), due.id
        ) as turn
      from due left join lateral (
        select sum(number) as number from sending where sending.owner_id = due.owner_id
      ) as owners on true
      where due.place + coalesce(owners.number, 0) <= ${limits.perOwner}::int
    ), chosen as materialized (
      select id, is_failing from in_turn
      where not is_failing or turn <= ${claim.failingCount}::int
      order by case when is_failing then ${healthyForFailing}::int * turn else turn end, is_failing, id
      limit ${claim.count}
    )
    update webhook_deliveries as delivery
    set lease = gen_random_uuid(), leased_until = now() + make_interval(secs => ${claim.leaseSeconds}::int),
      attempts = attempts + 1, first_attempt_at = coalesce(first_attempt_at, ${now})
    from chosen, webhooks
    where delivery.id = chosen.id and webhooks.id = delivery.webhook_id and delivery.status = 'pending'
    returning delivery.id, delivery.webhook_id, delivery.owner_id, delivery.event_type, delivery.body, delivery.attempts,
      delivery.lease, chosen.is_failing, webhooks.url, webhooks.secret_sealed, webhooks.previous_secret_sealed,
      webhooks.previous_secret_expires_at`.execute(trx);
  return rows;
}

/** Of a webhook, so many due deliveries are looked at first. */
const lookedAt = 16;

/**
 * Of the webhook in `webhooks`, the few next deliveries of a time that nobody sends, and that no earlier one holds back. Where the
 * first that are due are all held back, the earliest of each subject are looked at instead, until there are enough: however many wait
 * for one that is being sent or fails, they cost nothing.
 */
function firstOfSubjects(isDue: RawBuilder<unknown>, { perWebhook }: SendingLimits): RawBuilder<unknown> {
  const isWaiting = sql`webhook_id = webhooks.id and status = 'pending'`;
  const isFree = sql`${isDue} and (lease is null or leased_until <= now())`;
  const place = sql`transaction_id, sequence, id`;
  const columns = sql`id, subject, next_attempt_at, lease, leased_until`;
  return sql`(
    with recursive first_due as materialized (
      select id, subject, next_attempt_at from webhook_deliveries
      where ${isWaiting} and ${isFree} order by next_attempt_at, id limit ${lookedAt}
    ), at_once as materialized (
      select id, next_attempt_at from first_due as candidate
      where id = (
        select id from webhook_deliveries
        where ${isWaiting} and subject = candidate.subject order by ${place} limit 1)
      order by next_attempt_at, id limit ${perWebhook}
    ), heads as (
      (select ${columns} from webhook_deliveries
        where ${isWaiting} and not exists (select from at_once) and exists (select from first_due)
        order by subject, ${place} limit 1)
      union all
      select next.* from heads cross join lateral (
        select ${columns} from webhook_deliveries
        where ${isWaiting} and subject > heads.subject order by subject, ${place} limit 1) as next
    )
    select id, next_attempt_at from at_once
    union all
    (select id, next_attempt_at from heads where ${isFree} limit ${perWebhook}))`;
}

/** So many attempts are kept of an owner, the newest, however often deliveries are replayed. */
export const attemptsKeptPerOwner = 1_000;

/** As many attempts as this go at once at most; one comes at a time. */
const attemptsDroppedMax = 100;

/** What is kept of an attempt. */
export type NewAttemptRow = Omit<NewRow<Tables["webhook_attempts"]>, "id"> & { readonly id: string };

/** Keeps what came of an attempt, unless its webhook was deleted meanwhile, and drops the oldest beyond what is kept. */
export async function insertAttempt(trx: DatabaseTransaction, row: NewAttemptRow): Promise<void> {
  const entries = Object.entries(row);
  await sql`
    insert into webhook_attempts (${sql.join(entries.map(([column]) => sql.ref(column)))})
    select ${sql.join(entries.map(([column, value]) => sql`${value}::${typeOf(column)}`))}
    from webhook_deliveries where id = ${row.delivery_id} for key share`.execute(trx);
  // As many as a delivery comes to without a replay.
  await dropAttempts(trx, { column: "delivery_id", id: row.delivery_id, kept: attemptsMax });
  await dropAttempts(trx, { column: "owner_id", id: row.owner_id, kept: attemptsKeptPerOwner });
}

/** Drops the oldest attempts beyond so many. Waits for nobody: what others drop at the same time is theirs to drop. */
async function dropAttempts(
  trx: DatabaseTransaction,
  {
    column,
    id,
    kept,
  }: { readonly column: "delivery_id" | "owner_id"; readonly id: string; readonly kept: number },
): Promise<void> {
  const of = sql`${sql.ref(column)} = ${id}::uuid`;
  await sql`
    delete from webhook_attempts where id in (
      select id from webhook_attempts
      where ${of} and id <= (
        select id from webhook_attempts where ${of} order by id desc offset ${kept}::int limit 1)
      order by id limit ${attemptsDroppedMax}::int for update skip locked)`.execute(trx);
}

function typeOf(column: string): RawBuilder<unknown> {
  if (column === "id" || column.endsWith("_id")) return sql`uuid`;
  if (column === "started_at") return sql`timestamptz`;
  return column === "duration_ms" || column === "response_status" ? sql`integer` : sql`text`;
}

/** What becomes of a delivery after an attempt. */
export type Settlement =
  | { readonly status: "pending"; readonly next_attempt_at: Date }
  | { readonly status: "delivered" | "dead"; readonly ended_at: Date };

/**
 * Ends the lease.
 *
 * @returns when it was first tried; undefined when the lease was lost, or the delivery is gone
 */
export async function settleDelivery(
  trx: DatabaseTransaction,
  { id, lease }: Pick<ClaimedDelivery, "id" | "lease">,
  settlement: Settlement,
): Promise<{ first_attempt_at: Date | null } | undefined> {
  return trx
    .updateTable("webhook_deliveries")
    .set({ next_attempt_at: null, ended_at: null, ...settlement, lease: null, leased_until: null })
    .where("id", "=", id)
    .where("lease", "=", lease)
    .returning("first_attempt_at")
    .executeTakeFirst();
}
