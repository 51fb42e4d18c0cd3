import type { Deletion } from "@obsqra/contract";
import type { Database } from "@obsqra/db";
import type { Actor, Sealer } from "@obsqra/platform";
import { AppError, writeTransaction } from "@obsqra/platform";
import { queueEmail } from "../../mail/outbox.service.ts";
import { endAccountAccess } from "../account-access.service.ts";
import { recordEvent } from "../audit/audit.service.ts";
import type { AuditEventDependencies } from "../audit/audit-event.ts";
import { countMailToUnconfirmed } from "../email-addresses/unconfirmed-mail.ts";
import type { ThrottleDependencies } from "../throttle/throttle.service.ts";
import { cancelErasure, scheduleErasure } from "./deletion.queries.ts";

/** What deleting one's own account uses. */
export interface DeletionDependencies extends AuditEventDependencies {
  readonly db: Database;
  readonly sealer: Sealer;
  readonly actor: Actor;
}

/** How long a user can still change their mind. */
const graceMs = 14 * 24 * 60 * 60 * 1000;

/**
 * Schedules the erasure of the account and ends all access to it. Doing it again keeps the first date.
 *
 * @throws AppError TOO_MANY_ATTEMPTS
 */
export async function scheduleDeletion(deps: DeletionDependencies & ThrottleDependencies): Promise<Deletion> {
  const { user_id } = deps.actor;
  await countMailToUnconfirmed(deps);
  const now = deps.clock();
  return writeTransaction(deps, async (trx, emit) => {
    const within = { ...deps, db: trx };
    const scheduled = await scheduleErasure(trx, {
      user_id,
      erase_after: new Date(now.getTime() + graceMs),
      now,
    });
    const erasedAfter = scheduled?.erase_after?.toISOString();
    if (scheduled === undefined || erasedAfter === undefined) throw new AppError("TOKEN_INVALID", undefined);
    await endAccountAccess(trx, emit, { user_id, reason: "deletion scheduled", now });
    const mail = { template: "deletion_scheduled", to: scheduled.email, erase_after: erasedAfter } as const;
    await queueEmail(within, user_id, mail);
    await recordEvent(within, {
      user_id,
      type: "deletion_scheduled",
      details: { erased_after: erasedAfter },
    });
    return { erased_after: erasedAfter };
  });
}

/**
 * Keeps the account. What was ended when its deletion was scheduled stays ended.
 *
 * @throws AppError DELETION_NOT_SCHEDULED
 */
export async function cancelDeletion(deps: DeletionDependencies): Promise<undefined> {
  const { user_id } = deps.actor;
  await deps.db.transaction().execute(async (trx) => {
    const wasScheduled = await cancelErasure(trx, { user_id, now: deps.clock() });
    if (!wasScheduled) throw new AppError("DELETION_NOT_SCHEDULED", undefined);
    await recordEvent({ ...deps, db: trx }, { user_id, type: "deletion_cancelled" });
  });
}
