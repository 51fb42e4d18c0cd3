import type { AllocationHistory, AllocationHistoryInput, AllocationSnapshot } from "@obsqra/contract";
import type { Database } from "@obsqra/db";
import type { Actor, CreateId } from "@obsqra/platform";
import { idKey, readCursor, toPage } from "@obsqra/platform";
import { allocationToPercent } from "./allocation.ts";
import {
  type AllocationSnapshotRow,
  listAllocationSnapshots,
  type NewSnapshotRow,
} from "./allocation-history.queries.ts";
import type { LatestAllocation } from "./latest-allocation.fragments.ts";

/** What a user's own history uses. */
export interface AllocationHistoryDependencies {
  readonly db: Database;
  readonly actor: Actor;
}

/**
 * The user's allocations.
 *
 * @throws AppError CURSOR_INVALID
 */
export async function getAllocationHistory(
  deps: AllocationHistoryDependencies,
  input: AllocationHistoryInput,
): Promise<AllocationHistory> {
  const { owner_id } = deps.actor;
  const view = { list: "allocation_history", owner_id, input };
  const rows = await listAllocationSnapshots(deps.db, {
    owner_id,
    sort: input.sort,
    after: readCursor(view, idKey)?.[0],
    limit: input.limit + 1,
  });
  const page = toPage(view, rows, (row) => [row.id]);
  return { items: page.items.map(toSnapshot), next_cursor: page.next_cursor };
}

/** The row of a snapshot, to be stored together with the transaction that makes it so. */
export function snapshotOf(
  deps: { readonly createId: CreateId; readonly clock: () => Date; readonly actor: Actor },
  snapshot: {
    readonly allocation_bp: Record<string, number>;
    readonly reason: string;
    readonly suggestion_id: string | null;
    readonly transaction_id: string;
  },
): NewSnapshotRow {
  return {
    ...snapshot,
    id: deps.createId(),
    owner_id: deps.actor.owner_id,
    allocation_bp: JSON.stringify(snapshot.allocation_bp),
    created_at: deps.clock(),
  };
}

/** A snapshot as responses show it. */
export function toSnapshot(row: AllocationSnapshotRow | LatestAllocation): AllocationSnapshot {
  return {
    id: row.id,
    allocation: allocationToPercent(row.allocation_bp),
    reason: row.reason,
    suggestion_id: row.suggestion_id,
    tx_hash: row.tx_hash,
    created_at: new Date(row.created_at).toISOString(),
  };
}
