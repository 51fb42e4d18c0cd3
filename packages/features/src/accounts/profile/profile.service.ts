import type {
  Preferences,
  Profile,
  UpdatePreferencesInput,
  UpdateProfileInput,
  User,
} from "@obsqra/contract";
import { readPreferences } from "@obsqra/contract";
import type { Database, DatabaseTransaction } from "@obsqra/db";
import { isUniqueViolation } from "@obsqra/db";
import type { Actor } from "@obsqra/platform";
import { AppError, defineCommand } from "@obsqra/platform";
import { withdrawAlerts } from "../../mail/waiting-alerts.service.ts";
import { assertKnownProtocols } from "../../market/protocols.service.ts";
import { insertAuditEvent } from "../audit/audit.queries.ts";
import { type AuditEventDependencies, prepareEvent } from "../audit/audit-event.ts";
import { existingAccount } from "../own-account.ts";
import {
  findPreferences,
  lockUserRows,
  type UserRow,
  updateFullName,
  updatePreferences,
  updateWalletAddress,
} from "./profile.queries.ts";

/** What changing one's own profile uses. */
export interface ProfileDependencies extends AuditEventDependencies {
  readonly db: Database;
  readonly actor: Actor;
}

/** The signed-in user. */
export async function getUser({ actor }: { readonly actor: Actor }): Promise<User> {
  return toUser(actor.user);
}

/** The preferences of whoever the call is for. */
export async function getPreferences({ actor }: { readonly actor: Actor }): Promise<Preferences> {
  return readPreferences(actor.preferences);
}

/** The signed-in user with preferences. */
export async function getProfile({ actor }: { readonly actor: Actor }): Promise<Profile> {
  return toProfile({ ...actor.user, plan: actor.plan, preferences: actor.preferences });
}

/**
 * Changes the given fields of the profile and keeps the others. A name that is the same changes nothing.
 *
 * @throws AppError TOKEN_INVALID when the account has gone meanwhile
 */
export const changeProfile = defineCommand({
  plan: async (deps: ProfileDependencies, { full_name }: UpdateProfileInput) => {
    const { user_id } = deps.actor;
    return {
      change:
        full_name === undefined || full_name === deps.actor.user.full_name
          ? undefined
          : { user_id, full_name, now: deps.clock() },
      // Not what the name was or is: an event can only be erased together with the account.
      event: prepareEvent(deps, { user_id, type: "profile_changed", details: { fields: ["full_name"] } }),
      unchanged: await getProfile(deps),
    };
  },
  write: async (trx, { change, event, unchanged }) => {
    if (change === undefined) return unchanged;
    const row = existingAccount(await updateFullName(trx, change));
    await insertAuditEvent(trx, event);
    return toProfile(row);
  },
});

/**
 * Changes the given preferences and keeps the others. A protocol that is preferred twice is preferred once.
 *
 * @throws AppError PROTOCOL_UNKNOWN when a preferred protocol does not exist; TOKEN_INVALID when the account has gone meanwhile
 */
export const changePreferences = defineCommand({
  plan: async (deps: ProfileDependencies, input: UpdatePreferencesInput) => {
    const { preferred_protocols: protocols } = input;
    await assertKnownProtocols(deps, protocols ?? []);
    return {
      user_id: deps.actor.owner_id,
      preferences: { ...input, ...(protocols && { preferred_protocols: [...new Set(protocols)] }) },
      now: deps.clock(),
    };
  },
  write: async (trx, change): Promise<Preferences> => {
    const row = existingAccount(await updatePreferences(trx, change));
    if (change.preferences.email_alerts_enabled === false) await withdrawAlerts(trx, change.user_id);
    return readPreferences(row.preferences);
  },
});

/**
 * Switches the alerts of a user off, and takes back those that are not sent yet. Where they are off already, and where the account has
 * gone, it reads one row and neither locks nor writes anything.
 */
export async function switchAlertsOff(
  db: Database,
  change: { readonly user_id: string; readonly now: Date },
): Promise<void> {
  const found = await findPreferences(db, change.user_id);
  // Whoever has switched them off has taken back those that waited, in the same transaction.
  if (found === undefined || !readPreferences(found.preferences).email_alerts_enabled) return;
  await db.transaction().execute(async (trx) => {
    await updatePreferences(trx, { ...change, preferences: { email_alerts_enabled: false } });
    await withdrawAlerts(trx, change.user_id);
  });
}

/**
 * Keeps everybody else from changing some users until the transaction ends, in the same order for everybody. Lock first, then
 * read what depends on it.
 *
 * @returns them by their ids, without those whose account no longer exists
 */
export async function lockUsers(
  trx: DatabaseTransaction,
  userIds: readonly string[],
): Promise<ReadonlyMap<string, User>> {
  const rows = await lockUserRows(trx, userIds);
  return new Map(rows.map((row) => [row.id, toUser(row)]));
}

/**
 * Sets the address that others see, that of the user's primary wallet.
 *
 * @throws AppError WALLET_TAKEN when another user has it
 */
export async function setWalletAddress(
  trx: DatabaseTransaction,
  change: { readonly user_id: string; readonly wallet_address: string | null; readonly now: Date },
): Promise<User> {
  try {
    return toUser(existingAccount(await updateWalletAddress(trx, change)));
  } catch (cause) {
    if (isUniqueViolation(cause, "users_wallet_address_key")) {
      throw new AppError("WALLET_TAKEN", undefined, { cause });
    }
    throw cause;
  }
}

function toUser(row: Omit<UserRow, "plan" | "preferences" | "erased_at">): User {
  return {
    id: row.id,
    email: row.email,
    full_name: row.full_name,
    wallet_address: row.wallet_address,
    is_verified: row.email_verified_at !== null,
    created_at: row.created_at.toISOString(),
  };
}

function toProfile(row: Omit<UserRow, "erased_at">): Profile {
  return {
    ...toUser(row),
    plan: row.plan,
    preferences: readPreferences(row.preferences),
    deletion_scheduled_for: row.erase_after?.toISOString() ?? null,
  };
}
