import type {
  ListPasskeysInput,
  Passkey,
  Passkeys,
  RemovePasskeyInput,
  RenamePasskeyInput,
} from "@obsqra/contract";
import { AppError, defineCommand, idKey, readCursor, type SessionActor, toPage } from "@obsqra/platform";
import { mailWriter } from "../../mail/outbox.service.ts";
import { insertAuditEvent } from "../audit/audit.queries.ts";
import { auditWriter, prepareEvent } from "../audit/audit-event.ts";
import type { AuthDependencies } from "../auth-dependencies.ts";
import { maySendMail } from "../email-addresses/unconfirmed-mail.ts";
import { issuersOf } from "../identities/identities.service.ts";
import { lockOwnAccount } from "../own-account.ts";
import { tellOwner } from "../second-factor/factor-answer.ts";
import { hasWayIn } from "../sign-in/ways-in.queries.ts";
import { deletePasskey, listPasskeys, type PasskeyRow, renamePasskey as rename } from "./passkeys.queries.ts";

type SignedIn = AuthDependencies & { readonly actor: SessionActor };

/**
 * The user's passkeys.
 *
 * @throws AppError CURSOR_INVALID
 */
export async function getPasskeys(deps: SignedIn, input: ListPasskeysInput): Promise<Passkeys> {
  const { user_id } = deps.actor;
  const view = { list: "passkeys", owner_id: user_id, input };
  const rows = await listPasskeys(deps.db, {
    user_id,
    sort: input.sort,
    after: readCursor(view, idKey)?.[0],
    limit: input.limit + 1,
  });
  const page = toPage(view, rows, (row) => [row.id]);
  return { items: page.items.map(toPasskey), next_cursor: page.next_cursor };
}

/**
 * Gives a passkey another name.
 *
 * @throws AppError PASSKEY_NOT_FOUND, the same for another user's and one that never was
 */
export const renamePasskey = defineCommand({
  plan: async (deps: SignedIn, { passkey_id, name }: RenamePasskeyInput) => {
    const { user_id } = deps.actor;
    const event = prepareEvent(deps, { user_id, type: "passkey_renamed", details: { passkey_id, name } });
    return { passkey: { id: passkey_id, user_id, name }, event };
  },
  write: async (trx, { passkey, event }) => {
    const renamed = await rename(trx, passkey);
    if (renamed === undefined) throw new AppError("PASSKEY_NOT_FOUND", undefined);
    await insertAuditEvent(trx, event);
    return toPasskey(renamed);
  },
});

/**
 * Makes a passkey sign nobody in any more, and tells the owner.
 *
 * @throws AppError PASSKEY_NOT_FOUND, the same for another user's and one that never was; LAST_WAY_IN
 */
export const removePasskey = defineCommand({
  plan: async (deps: SignedIn, { passkey_id }: RemovePasskeyInput) => ({
    actor: deps.actor,
    passkey_id,
    now: deps.clock(),
    mail: mailWriter(deps),
    mayTell: await maySendMail(deps, deps.actor.user),
    audit: auditWriter(deps),
    issuers: issuersOf(deps.identityProviders),
  }),
  write: async (trx, { actor, passkey_id, now, mail, mayTell, audit, issuers }) => {
    const { user_id } = actor;
    const { email: to } = await lockOwnAccount(trx, actor, now);
    const name = await deletePasskey(trx, { id: passkey_id, user_id });
    if (name === undefined) throw new AppError("PASSKEY_NOT_FOUND", undefined);
    if (!(await hasWayIn(trx, { user_id, issuers }))) throw new AppError("LAST_WAY_IN", undefined);
    const notice = { template: "passkey_removed", to, at: now.toISOString() } as const;
    await tellOwner(trx, { user_id, mail, mayTell }, notice);
    await insertAuditEvent(trx, audit({ user_id, type: "passkey_removed", details: { passkey_id, name } }));
    return undefined;
  },
});

/** A passkey as its owner sees it. */
export function toPasskey(row: PasskeyRow): Passkey {
  return {
    id: row.id,
    name: row.name,
    is_synced: row.is_synced,
    created_at: row.created_at.toISOString(),
    last_used_at: row.last_used_at?.toISOString() ?? null,
  };
}
