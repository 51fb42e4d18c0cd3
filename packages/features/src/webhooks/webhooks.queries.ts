import type { Database, DatabaseTransaction, NewRow, Row, Tables } from "@obsqra/db";
import { type TimePage, timeOrders } from "@obsqra/platform";
import { sql } from "kysely";

export type WebhookRow = Omit<Row<Tables["webhooks"]>, "owner_id" | "made_by_transaction">;

/** Which webhook; one of another owner is not found. */
export interface WebhookChoice {
  readonly id: string;
  readonly owner_id: string;
}

const columns = [
  "id",
  "url",
  "topics",
  "status",
  "disabled_reason",
  "secret_sealed",
  "previous_secret_sealed",
  "previous_secret_expires_at",
  "last_success_at",
  "failing_since",
  "created_at",
  "updated_at",
] as const;

/**
 * Inserts a webhook unless the owner has as many as there may be. Lock the account before, so that they are counted one after the
 * other.
 *
 * @returns undefined when there are
 */
export async function insertWebhook(
  trx: DatabaseTransaction,
  { row, max }: { readonly row: NewRow<Tables["webhooks"]>; readonly max: number },
): Promise<WebhookRow | undefined> {
  const entries = Object.entries(row);
  const { rows } = await sql<WebhookRow>`
    insert into webhooks (${sql.join(entries.map(([column]) => sql.ref(column)))})
    select ${sql.join(entries.map(([, value]) => sql`${value}`))}
    where (select count(*) from webhooks where owner_id = ${row.owner_id}) < ${max}
    returning ${sql.join(columns.map((column) => sql.ref(column)))}`.execute(trx);
  return rows[0];
}

/** An owner's webhooks by time. */
export async function listWebhooks(
  db: Database,
  page: TimePage & { readonly owner_id: string },
): Promise<WebhookRow[]> {
  const { direction, beyond } = timeOrders[page.sort];
  let query = db.selectFrom("webhooks").select(columns).where("owner_id", "=", page.owner_id);
  if (page.after !== undefined) query = query.where("id", beyond, page.after);
  return query.orderBy("id", direction).limit(page.limit).execute();
}

export async function findWebhook(
  db: Database,
  { id, owner_id }: WebhookChoice,
): Promise<WebhookRow | undefined> {
  return db
    .selectFrom("webhooks")
    .select(columns)
    .where("id", "=", id)
    .where("owner_id", "=", owner_id)
    .executeTakeFirst();
}

/**
 * Holds a webhook until the transaction ends, so that changes and outcomes of deliveries come one after the other. Take it before
 * its deliveries.
 */
export async function lockWebhook(
  trx: DatabaseTransaction,
  { id, owner_id }: WebhookChoice,
): Promise<WebhookRow | undefined> {
  return trx
    .selectFrom("webhooks")
    .select(columns)
    .where("id", "=", id)
    .where("owner_id", "=", owner_id)
    .forNoKeyUpdate()
    .executeTakeFirst();
}

/** Changes a webhook that the transaction has locked. */
export async function updateWebhook(
  trx: DatabaseTransaction,
  id: string,
  change: Partial<Omit<WebhookRow, "id" | "created_at">> & { readonly updated_at: Date },
): Promise<WebhookRow> {
  return trx
    .updateTable("webhooks")
    .set(change)
    .where("id", "=", id)
    .returning(columns)
    .executeTakeFirstOrThrow();
}

/** Deletes a webhook, which the transaction has locked, with its deliveries. */
export async function deleteWebhook(trx: DatabaseTransaction, id: string): Promise<void> {
  await trx.deleteFrom("webhooks").where("id", "=", id).execute();
}
