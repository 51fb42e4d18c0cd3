import type { Database } from "@obsqra/db";
import type { Actor, Sealer } from "@obsqra/platform";
import { AppError, defineCommand } from "@obsqra/platform";
import { insertMail, mailWriter } from "../../mail/outbox.service.ts";
import { endAccountAccess } from "../account-access.service.ts";
import { insertAuditEvent } from "../audit/audit.queries.ts";
import { type AuditEventDependencies, auditWriter, prepareEvent } from "../audit/audit-event.ts";
import { countMailToUnconfirmed } from "../email-addresses/unconfirmed-mail.ts";
import { assertOwnsNothingAlone } from "../organisations/organisations.service.ts";
import { existingAccount } from "../own-account.ts";
import type { ThrottleDependencies } from "../throttle/throttle.service.ts";
import { cancelErasure, scheduleErasure } from "./deletion.queries.ts";

/** What deleting one's own account uses. */
export interface DeletionDependencies extends AuditEventDependencies {
  readonly db: Database;
  readonly sealer: Sealer;
  readonly actor: Actor;
}

/** How long a user, or an organisation's owners, can still change their mind. */
export const deletionGraceMs = 14 * 24 * 60 * 60 * 1000;

/**
 * Schedules the erasure of the account and ends all access to it. Doing it again keeps the first date.
 *
 * @throws AppError TOO_MANY_ATTEMPTS; LAST_OWNER of an organisation that would have none left; TOKEN_INVALID when the account has gone meanwhile
 */
export const scheduleDeletion = defineCommand({
  plan: async (deps: DeletionDependencies & ThrottleDependencies, _input: undefined, attempt) => {
    if (attempt === 1) await countMailToUnconfirmed(deps);
    const { user_id } = deps.actor;
    const now = deps.clock();
    return {
      deletion: { user_id, erase_after: new Date(now.getTime() + deletionGraceMs), now },
      ending: { user_id, reason: "deletion scheduled", now } as const,
      mail: mailWriter(deps),
      audit: auditWriter(deps),
    };
  },
  write: async (trx, { deletion, ending, mail, audit }, emit) => {
    const { user_id } = deletion;
    const { email: to, erase_after } = existingAccount(await scheduleErasure(trx, deletion));
    const erased_after = erase_after.toISOString();
    await assertOwnsNothingAlone(trx, user_id);
    await endAccountAccess(trx, emit, ending);
    await insertMail(trx, mail(user_id, { template: "deletion_scheduled", to, erase_after: erased_after }));
    await insertAuditEvent(trx, audit({ user_id, type: "deletion_scheduled", details: { erased_after } }));
    return { erased_after };
  },
});

/**
 * Keeps the account. What was ended when its deletion was scheduled stays ended.
 *
 * @throws AppError DELETION_NOT_SCHEDULED
 */
export const cancelDeletion = defineCommand({
  plan: async (deps: DeletionDependencies) => {
    const { user_id } = deps.actor;
    const event = prepareEvent(deps, { user_id, type: "deletion_cancelled" });
    return { account: { user_id, now: deps.clock() }, event };
  },
  write: async (trx, { account, event }) => {
    const wasScheduled = await cancelErasure(trx, account);
    if (!wasScheduled) throw new AppError("DELETION_NOT_SCHEDULED", undefined);
    await insertAuditEvent(trx, event);
    return undefined;
  },
});
