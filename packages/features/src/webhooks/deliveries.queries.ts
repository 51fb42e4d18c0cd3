import type { Database, DatabaseTransaction, NewRow, Row, Tables } from "@obsqra/db";
import { type TimePage, timeOrders } from "@obsqra/platform";
import { sql } from "kysely";
import type { WebhookChoice } from "./webhooks.queries.ts";

type Deliveries = Row<Tables["webhook_deliveries"]>;

export type DeliveryRow = Pick<
  Deliveries,
  | "id"
  | "webhook_id"
  | "event_id"
  | "transaction_id"
  | "sequence"
  | "event_type"
  | "subject"
  | "status"
  | "attempts"
  | "created_at"
  | "next_attempt_at"
  | "ended_at"
>;

const columns = [
  "id",
  "webhook_id",
  "event_id",
  "transaction_id",
  "sequence",
  "event_type",
  "subject",
  "status",
  "attempts",
  "created_at",
  "next_attempt_at",
  "ended_at",
] as const;

/** A message that is to be sent as soon as it is there. */
export type NewDeliveryRow = Pick<
  NewRow<Tables["webhook_deliveries"]>,
  | "id"
  | "webhook_id"
  | "owner_id"
  | "event_id"
  | "transaction_id"
  | "sequence"
  | "event_type"
  | "subject"
  | "body"
  | "created_at"
>;

/** Rows of one statement: while it runs, the embedded database does nothing else. */
const batchSize = 100;

/**
 * Queues messages. An event that a webhook has had is left as it is, or, for a replay, sent again.
 *
 * @returns how many are to be sent that were not to be before
 */
export async function insertDeliveries(
  trx: DatabaseTransaction,
  rows: readonly NewDeliveryRow[],
  { isReplay = false }: { readonly isReplay?: boolean } = {},
): Promise<number> {
  const onConflict = isReplay
    ? sql`do update set status = 'pending', attempts = 0, first_attempt_at = null, ended_at = null,
        next_attempt_at = excluded.next_attempt_at`
    : sql`do nothing`;
  let inserted = 0;
  for (let index = 0; index < rows.length; index += batchSize) {
    const batch = JSON.stringify(rows.slice(index, index + batchSize));
    const result = await sql`
      insert into webhook_deliveries (id, webhook_id, owner_id, event_id, transaction_id, sequence, event_type, subject,
        body, status, next_attempt_at, created_at)
      select id, webhook_id, owner_id, event_id, transaction_id, sequence, event_type, subject, body, 'pending', created_at,
        created_at
      from json_to_recordset(${batch}::json) as queued (id uuid, webhook_id uuid, owner_id uuid, event_id uuid,
        transaction_id bigint, sequence bigint, event_type text, subject text, body text, created_at timestamptz)
      on conflict (webhook_id, event_id) ${onConflict}`.execute(trx);
    inserted += Number(result.numAffectedRows ?? 0);
  }
  return inserted;
}

/** Which deliveries, or attempts, of an owner. */
interface DeliveriesPage extends TimePage {
  readonly owner_id: string;
  /** Types of events that the caller may not see. */
  readonly hidden: readonly string[];
}

export async function listDeliveries(
  db: Database,
  page: DeliveriesPage & {
    readonly webhook_id: string | undefined;
    readonly status: DeliveryRow["status"] | undefined;
  },
): Promise<DeliveryRow[]> {
  const { direction, beyond } = timeOrders[page.sort];
  let query = db.selectFrom("webhook_deliveries").select(columns).where("owner_id", "=", page.owner_id);
  if (page.webhook_id !== undefined) query = query.where("webhook_id", "=", page.webhook_id);
  if (page.status !== undefined) query = query.where("status", "=", page.status);
  if (page.hidden.length > 0) query = query.where("event_type", "not in", page.hidden);
  if (page.after !== undefined) query = query.where("id", beyond, page.after);
  return query.orderBy("id", direction).limit(page.limit).execute();
}

export async function findDelivery(
  db: Database,
  { id, owner_id }: WebhookChoice,
): Promise<DeliveryRow | undefined> {
  return db
    .selectFrom("webhook_deliveries")
    .select(columns)
    .where("id", "=", id)
    .where("owner_id", "=", owner_id)
    .executeTakeFirst();
}

/** Has a delivery sent at once, with all its attempts before it. */
export async function restartDelivery(
  trx: DatabaseTransaction,
  { id, now }: { readonly id: string; readonly now: Date },
): Promise<DeliveryRow | undefined> {
  return trx
    .updateTable("webhook_deliveries")
    .set({ status: "pending", attempts: 0, first_attempt_at: null, ended_at: null, next_attempt_at: now })
    .where("id", "=", id)
    .returning(columns)
    .executeTakeFirst();
}

/** Has what waits for its next attempt sent at once. */
export async function hastenDeliveries(
  trx: DatabaseTransaction,
  { webhook_id, now }: { readonly webhook_id: string; readonly now: Date },
): Promise<void> {
  await trx
    .updateTable("webhook_deliveries")
    .set({ next_attempt_at: now })
    .where("webhook_id", "=", webhook_id)
    .where("status", "=", "pending")
    .where("next_attempt_at", ">", now)
    .execute();
}

/** Forgets what waits for a webhook of other types than these. */
export async function dropDeliveriesOfOthers(
  trx: DatabaseTransaction,
  { webhook_id, types }: { readonly webhook_id: string; readonly types: readonly string[] },
): Promise<void> {
  await trx
    .deleteFrom("webhook_deliveries")
    .where("webhook_id", "=", webhook_id)
    .where("status", "=", "pending")
    .where("event_type", "not in", types)
    .execute();
}

export type AttemptRow = Omit<Row<Tables["webhook_attempts"]>, "owner_id" | "event_type">;

export async function listAttempts(
  db: Database,
  page: DeliveriesPage & { readonly delivery_id: string | undefined },
): Promise<AttemptRow[]> {
  const { direction, beyond } = timeOrders[page.sort];
  let query = db
    .selectFrom("webhook_attempts")
    .select([
      "id",
      "delivery_id",
      "webhook_id",
      "started_at",
      "duration_ms",
      "response_status",
      "failure",
      "response_excerpt",
    ])
    .where("owner_id", "=", page.owner_id);
  if (page.delivery_id !== undefined) query = query.where("delivery_id", "=", page.delivery_id);
  if (page.hidden.length > 0) query = query.where("event_type", "not in", page.hidden);
  if (page.after !== undefined) query = query.where("id", beyond, page.after);
  return query.orderBy("id", direction).limit(page.limit).execute();
}
