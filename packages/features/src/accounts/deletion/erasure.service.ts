import type { Database } from "@obsqra/db";
import { writeTransaction } from "@obsqra/platform";
import { emitApiKeyEnd } from "../api-keys/api-key-ends.service.ts";
import { eraseAuditEvents, insertAuditEvent } from "../audit/audit.queries.ts";
import { type AuditEventDependencies, auditWriter, noRequest } from "../audit/audit-event.ts";
import { hashAddress } from "../one-time-tokens/one-time-token.ts";
import { emitSessionEnd } from "../sessions/session-ends.service.ts";
import { deleteCredentials, eraseUser, lockDueAccount } from "./erasure.queries.ts";

/** What erasing accounts uses. */
export interface ErasureDependencies extends Omit<AuditEventDependencies, "request"> {
  readonly db: Database;
}

/**
 * Erases what is personal of every account, and of every organisation, whose time has come, each in a transaction of its own. Several servers may do
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
  const audit = auditWriter({ ...deps, request: noRequest });
  return writeTransaction(deps, async (trx, emit) => {
    const now = deps.clock();
    const account = await lockDueAccount(trx, now);
    if (account === undefined) return false;
    const { id: user_id, email } = account;
    const address_hash = hashAddress(email);
    await eraseUser(trx, { id: user_id, now });
    for (const { id, kind } of await deleteCredentials(trx, { id: user_id, address_hash, now })) {
      const ending = { id, user_id, reason: "account erased" } as const;
      if (kind === "session") emitSessionEnd(emit, ending);
      else emitApiKeyEnd(emit, ending);
    }
    await insertAuditEvent(trx, audit({ user_id, type: "account_erased" }));
    await eraseAuditEvents(trx, user_id);
    return true;
  });
}
