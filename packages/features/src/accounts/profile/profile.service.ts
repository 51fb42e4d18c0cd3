import type {
  Preferences,
  Profile,
  UpdatePreferencesInput,
  UpdateProfileInput,
  User,
} from "@obsqra/contract";
import { defaultPreferences, preferences as preferencesSchema } from "@obsqra/contract";
import type { Database, DatabaseTransaction } from "@obsqra/db";
import { isUniqueViolation } from "@obsqra/db";
import type { Actor } from "@obsqra/platform";
import { AppError } from "@obsqra/platform";
import { assertKnownProtocols } from "../../market/protocols.service.ts";
import { recordEvent } from "../audit/audit.service.ts";
import type { AuditEventDependencies } from "../audit/audit-event.ts";
import { existingAccount } from "../existing-account.ts";
import {
  findUser,
  lockUserRow,
  type UserRow,
  updateFullName,
  updatePreferences,
  updateWalletAddress,
} from "./profile.queries.ts";

/** What the user procedures use. */
export interface UsersDependencies {
  readonly db: Database;
  readonly clock: () => Date;
  readonly actor: Actor;
}

/**
 * The signed-in user.
 *
 * @throws AppError TOKEN_INVALID when the account no longer exists
 */
export async function getUser(deps: UsersDependencies): Promise<User> {
  return toUser(existingAccount(await findUser(deps.db, deps.actor.user_id)));
}

/** The signed-in user with preferences. */
export async function getProfile(deps: UsersDependencies): Promise<Profile> {
  return toProfile(existingAccount(await findUser(deps.db, deps.actor.user_id)));
}

/** Changes the given fields of the profile and keeps the others. */
export async function changeProfile(
  deps: UsersDependencies & AuditEventDependencies,
  input: UpdateProfileInput,
): Promise<Profile> {
  const { full_name } = input;
  if (full_name === undefined) return getProfile(deps);
  const { user_id } = deps.actor;
  return deps.db.transaction().execute(async (trx) => {
    const row = existingAccount(await updateFullName(trx, { user_id, full_name, now: deps.clock() }));
    // Not what the name was or is: an event can only be erased together with the account.
    await recordEvent(
      { ...deps, db: trx },
      { user_id, type: "profile_changed", details: { fields: ["full_name"] } },
    );
    return toProfile(row);
  });
}

/**
 * Changes the given preferences and keeps the others. A protocol that is preferred twice is preferred once.
 *
 * @throws AppError PROTOCOL_UNKNOWN when a preferred protocol does not exist
 */
export async function changePreferences(
  deps: UsersDependencies,
  input: UpdatePreferencesInput,
): Promise<Preferences> {
  const { preferred_protocols: protocols } = input;
  await assertKnownProtocols(deps, protocols ?? []);
  const row = await updatePreferences(deps.db, {
    user_id: deps.actor.user_id,
    preferences: { ...input, ...(protocols && { preferred_protocols: [...new Set(protocols)] }) },
    now: deps.clock(),
  });
  return readPreferences(existingAccount(row));
}

/**
 * Keeps everybody else from changing a user until the transaction ends. Lock first, then read what depends on it.
 *
 * @returns undefined when the account no longer exists
 */
export async function lockUser(deps: {
  readonly db: DatabaseTransaction;
  readonly actor: Pick<Actor, "user_id">;
}): Promise<User | undefined> {
  const row = await lockUserRow(deps.db, deps.actor.user_id);
  return row && toUser(row);
}

/**
 * Sets the address that others see, that of the user's primary wallet.
 *
 * @throws AppError WALLET_TAKEN when another user has it
 */
export async function setWalletAddress(
  deps: {
    readonly db: DatabaseTransaction;
    readonly clock: () => Date;
    readonly actor: Pick<Actor, "user_id">;
  },
  walletAddress: string | null,
): Promise<User> {
  try {
    const change = { user_id: deps.actor.user_id, wallet_address: walletAddress, now: deps.clock() };
    return toUser(existingAccount(await updateWalletAddress(deps.db, change)));
  } catch (cause) {
    if (isUniqueViolation(cause, "users_wallet_address_key")) {
      throw new AppError("WALLET_TAKEN", undefined, { cause });
    }
    throw cause;
  }
}

function toUser(row: UserRow): User {
  return {
    id: row.id,
    email: row.email,
    full_name: row.full_name,
    wallet_address: row.wallet_address,
    is_verified: row.email_verified_at !== null,
    created_at: row.created_at.toISOString(),
  };
}

function toProfile(row: UserRow): Profile {
  return {
    ...toUser(row),
    plan: row.plan,
    preferences: readPreferences(row),
    deletion_scheduled_for: row.erase_after?.toISOString() ?? null,
  };
}

/** A preference that another version of this service has not written, or wrote differently, has its default. */
function readPreferences(row: UserRow): Preferences {
  const stored = new Map(Object.entries(row.preferences as object));
  const readable = Object.entries(preferencesSchema.shape).filter(
    ([name, schema]) => schema.safeParse(stored.get(name)).success,
  );
  return preferencesSchema.parse({
    ...defaultPreferences,
    ...Object.fromEntries(readable.map(([name]) => [name, stored.get(name)])),
  });
}
