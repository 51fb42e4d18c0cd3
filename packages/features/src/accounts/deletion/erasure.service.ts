import type { Database } from "@obsqra/db";
import { eraseEvents, recordEvent } from "../audit/audit.service.ts";
import { type AuditEventDependencies, noRequest } from "../audit/audit-event.ts";
import { deleteCredentials, eraseUser, lockDueAccount } from "./erasure.queries.ts";

/** What erasing accounts uses. */
export interface ErasureDependencies extends Omit<AuditEventDependencies, "request"> {
  readonly db: Database;
}

/**
 * Erases what is personal of every account whose time has come, each in a transaction of its own. Several servers may do
 * so at once; each account is erased by one of them. What stays: the id, the chain of the audit log without its content,
 * and transactions, allocations and suggestions.
 *
 * @param signal no further account is begun after it aborts
 * @returns how many were erased
 */
export async function eraseDueAccounts(deps: ErasureDependencies, signal: AbortSignal): Promise<number> {
  let erased = 0;
  while (!signal.aborted && (await eraseNextAccount(deps))) erased += 1;
  return erased;
}

/** @returns whether there was one */
async function eraseNextAccount(deps: ErasureDependencies): Promise<boolean> {
  return deps.db.transaction().execute(async (trx) => {
    const now = deps.clock();
    const account = await lockDueAccount(trx, now);
    if (account === undefined) return false;
    const within = { ...deps, db: trx, request: noRequest };
    await eraseUser(trx, { id: account.id, now });
    await deleteCredentials(trx, account.id);
    await recordEvent(within, { user_id: account.id, type: "account_erased" });
    await eraseEvents(within, account.id);
    return true;
  });
}
