import type { SqlValue } from "@obsqra/db";
import { type RawBuilder, sql } from "kysely";

/** A snapshot of what was held, with the hash of the transaction that made it so, as JSON has it. */
export interface LatestAllocation {
  readonly id: string;
  readonly allocation_bp: Record<string, number>;
  readonly reason: string;
  readonly suggestion_id: string | null;
  readonly tx_hash: string | null;
  readonly created_at: string;
}

/**
 * What somebody holds as far as logged, as a query; no row when nothing was. Transactions that the chain does not bear out do not count.
 */
export function latestAllocation(ownerId: SqlValue<string>): RawBuilder<unknown> {
  return sql`
      select snapshot.id, snapshot.allocation_bp, snapshot.reason, snapshot.suggestion_id, transactions.tx_hash,
        snapshot.created_at
      from allocation_history as snapshot left join transactions on transactions.id = snapshot.transaction_id
      where snapshot.owner_id = ${ownerId} and coalesce((
        select status in ('pending', 'confirmed') from transaction_statuses as entry
        where entry.transaction_id = snapshot.transaction_id order by position desc limit 1
      ), true)
      order by snapshot.sequence desc limit 1`;
}

/** The same as a column `latest_allocation`; null when nothing was logged. */
export function latestAllocationColumn(ownerId: SqlValue<string>): RawBuilder<unknown> {
  return sql`(select row_to_json(latest) from (${latestAllocation(ownerId)}) as latest) as latest_allocation`;
}
