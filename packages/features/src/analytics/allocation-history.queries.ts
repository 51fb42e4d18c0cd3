import type { Database, NewRow, Tables } from "@obsqra/db";
import { type TimePage, timeOrders } from "@obsqra/platform";

export type NewSnapshotRow = NewRow<Tables["allocation_history"]>;

/** A snapshot with the hash of the transaction that made it so. */
export interface AllocationSnapshotRow {
  readonly id: string;
  readonly allocation_bp: Record<string, number>;
  readonly reason: string;
  readonly suggestion_id: string | null;
  readonly tx_hash: string | null;
  readonly created_at: Date;
}

/** A user's snapshots by time. */
export async function listAllocationSnapshots(
  db: Database,
  page: TimePage & { readonly owner_id: string },
): Promise<AllocationSnapshotRow[]> {
  const { owner_id, after } = page;
  const { direction, beyond } = timeOrders[page.sort];
  let query = db
    .selectFrom("allocation_history as snapshot")
    .leftJoin("transactions", "transactions.id", "snapshot.transaction_id")
    .select([
      "snapshot.id",
      "snapshot.allocation_bp",
      "snapshot.reason",
      "snapshot.suggestion_id",
      "transactions.tx_hash",
      "snapshot.created_at",
    ])
    .where("snapshot.owner_id", "=", owner_id);
  if (after !== undefined) {
    query = query.where("snapshot.sequence", beyond, ({ selectFrom }) =>
      selectFrom("allocation_history as last")
        .select("last.sequence")
        .where("last.id", "=", after)
        .where("last.owner_id", "=", owner_id),
    );
  }
  return query.orderBy("snapshot.sequence", direction).limit(page.limit).execute();
}
