import type { DatabaseTransaction } from "@obsqra/db";
import { sql } from "kysely";

/** A webhook that events are queued for. */
export interface ListenerRow {
  readonly id: string;
  readonly owner_id: string;
  readonly topics: readonly string[];
  /** As text: it may not fit into a double. */
  readonly made_by_transaction: string;
}

/**
 * The active webhooks of some owners, or of all, and of nobody who is leaving. They are held until the transaction ends, so that none
 * is deleted meanwhile.
 *
 * @param owners whose; undefined for everybody's
 */
export async function holdListeners(
  trx: DatabaseTransaction,
  owners: readonly string[] | undefined,
): Promise<ListenerRow[]> {
  const isAsked = owners === undefined ? sql`true` : sql`owner_id = any(${[...owners]}::uuid[])`;
  const { rows } = await sql<ListenerRow>`
    select webhooks.id, owner_id, topics, made_by_transaction::text as made_by_transaction
    from webhooks join users on users.id = owner_id
    where webhooks.status = 'active' and erase_after is null and erased_at is null and ${isAsked}
    order by webhooks.id for key share of webhooks`.execute(trx);
  return rows;
}
