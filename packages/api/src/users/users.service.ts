import type {
  Preferences,
  Profile,
  UpdatePreferencesInput,
  UpdateProfileInput,
  User,
} from "@obsqra/contract";
import { defaultPreferences, preferences as preferencesSchema } from "@obsqra/contract";
import type { Database } from "@obsqra/db";
import { isUniqueViolation } from "@obsqra/db";
import { assertKnownProtocols } from "../analytics/protocols.service.ts";
import { AppError } from "../app-error.ts";
import type { Principal } from "../principal.ts";
import { findUser, type UserRow, updatePreferences, updateWalletAddress } from "./users.queries.ts";

/** What the user procedures use. */
export interface UsersDependencies {
  readonly db: Database;
  readonly clock: () => Date;
  readonly principal: Principal;
}

/**
 * The signed-in user.
 *
 * @throws AppError TOKEN_INVALID when the account no longer exists
 */
export async function getUser(deps: UsersDependencies): Promise<User> {
  return toUser(existing(await findUser(deps.db, deps.principal.user_id)));
}

/** The signed-in user with preferences. */
export async function getProfile(deps: UsersDependencies): Promise<Profile> {
  return toProfile(existing(await findUser(deps.db, deps.principal.user_id)));
}

/** Changes the given fields of the profile and keeps the others. */
export async function changeProfile(_deps: UsersDependencies, _input: UpdateProfileInput): Promise<Profile> {
  throw new Error("Not built yet.");
}

/**
 * Changes the given preferences and keeps the others.
 *
 * @throws AppError PROTOCOL_UNKNOWN when a preferred protocol does not exist
 */
export async function changePreferences(
  deps: UsersDependencies,
  input: UpdatePreferencesInput,
): Promise<Preferences> {
  await assertKnownProtocols(deps, input.preferred_protocols ?? []);
  const row = await updatePreferences(deps.db, {
    user_id: deps.principal.user_id,
    preferences: input,
    now: deps.clock(),
  });
  return readPreferences(existing(row));
}

/**
 * Writes down a wallet whose signature has been checked.
 *
 * @throws AppError WALLET_TAKEN when another user has it
 */
export async function linkWallet(deps: UsersDependencies, walletAddress: string): Promise<User> {
  try {
    const change = { user_id: deps.principal.user_id, wallet_address: walletAddress, now: deps.clock() };
    return toUser(existing(await updateWalletAddress(deps.db, change)));
  } catch (cause) {
    if (isUniqueViolation(cause)) throw new AppError("WALLET_TAKEN", undefined, { cause });
    throw cause;
  }
}

function existing(row: UserRow | undefined): UserRow {
  if (row === undefined) throw new AppError("TOKEN_INVALID", undefined);
  return row;
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
    preferences: readPreferences(row),
    deletion_scheduled_for: row.erase_after?.toISOString() ?? null,
  };
}

/** Preferences that were added after a row was written have their default. */
function readPreferences(row: UserRow): Preferences {
  return preferencesSchema.parse({ ...defaultPreferences, ...(row.preferences as object) });
}
