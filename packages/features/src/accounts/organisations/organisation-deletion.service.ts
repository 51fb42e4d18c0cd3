import type { SessionActor } from "@obsqra/platform";
import { AppError, defineCommand } from "@obsqra/platform";
import { insertMails, mailWriter } from "../../mail/outbox.service.ts";
import { endApiKeys } from "../api-keys/api-key-ends.service.ts";
import { insertAuditEvent } from "../audit/audit.queries.ts";
import { auditWriter, ownerEvent, prepareEvent } from "../audit/audit-event.ts";
import type { AuthDependencies } from "../auth-dependencies.ts";
import { cancelErasure, scheduleErasure } from "../deletion/deletion.queries.ts";
import { deletionGraceMs } from "../deletion/deletion.service.ts";
import { existingAccount } from "../own-account.ts";
import { lockActingMember } from "./acting-member.ts";
import { deleteInvitations } from "./invitations.queries.ts";
import { listOwnerAddresses } from "./members.queries.ts";
import { hasOwner } from "./organisations.queries.ts";

type SignedIn = AuthDependencies & { readonly actor: SessionActor };

/** So many owners are told by mail; the others find it in the log. */
const toldMax = 20;

/**
 * Schedules the erasure of the organisation, ends its API keys and invitations, and tells its owners. Doing it again keeps the first
 * date. Members can read until then.
 *
 * @throws AppError ORGANISATION_NOT_FOUND when it has gone meanwhile
 */
export const scheduleOrganisationDeletion = defineCommand({
  plan: async (deps: SignedIn) => {
    const now = deps.clock();
    const { actor } = deps;
    const { owner_id: user_id } = actor;
    return {
      actor,
      now,
      deletion: { user_id, erase_after: new Date(now.getTime() + deletionGraceMs), now },
      ending: { user_id, reason: "deletion scheduled", now } as const,
      mail: mailWriter(deps),
      audit: auditWriter(deps),
    };
  },
  write: async (trx, { actor, now, deletion, ending, mail, audit }, emit) => {
    const { organisation } = await lockActingMember(trx, actor, now);
    const organisation_id = organisation.id;
    const { erase_after } = existingAccount(await scheduleErasure(trx, deletion));
    const erased_after = erase_after.toISOString();
    await endApiKeys(trx, emit, ending);
    await deleteInvitations(trx, { organisation_id });
    if (organisation.erase_after === null) {
      const owners = await listOwnerAddresses(trx, { organisation_id, limit: toldMax });
      const letter = {
        template: "organisation_deletion_scheduled",
        organisation: organisation.full_name,
        erase_after: erased_after,
      } as const;
      await insertMails(
        trx,
        owners.map(({ user_id, email: to }) => mail(user_id, { ...letter, to })),
      );
    }
    const event = { type: "deletion_scheduled", details: { erased_after } } as const;
    await insertAuditEvent(trx, audit(ownerEvent(actor, event)));
    return { erased_after };
  },
});

/**
 * Keeps the organisation. What was ended when its deletion was scheduled stays ended.
 *
 * @throws AppError DELETION_NOT_SCHEDULED; LAST_OWNER when the accounts of all owners are going to be deleted
 */
export const cancelOrganisationDeletion = defineCommand({
  plan: async (deps: SignedIn) => {
    const { actor } = deps;
    const event = prepareEvent(deps, ownerEvent(actor, { type: "deletion_cancelled" }));
    return { actor, now: deps.clock(), event };
  },
  write: async (trx, { actor, now, event }) => {
    await lockActingMember(trx, actor, now);
    const { owner_id: organisation_id } = actor;
    const wasScheduled = await cancelErasure(trx, { user_id: organisation_id, now });
    if (!wasScheduled) throw new AppError("DELETION_NOT_SCHEDULED", undefined);
    if (!(await hasOwner(trx, { organisation_id }))) throw new AppError("LAST_OWNER", undefined);
    await insertAuditEvent(trx, event);
    return undefined;
  },
});
