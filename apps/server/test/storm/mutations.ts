import type { Database } from "@obsqra/db";

/** A user who has just been registered. */
export interface StormUser {
  readonly id: string;
  readonly email: string;
  readonly accessToken: string;
}

/** A mutation whose effects can be counted. */
export interface StormMutation {
  /** As tRPC spells it. */
  readonly path: string;
  readonly input: (user: StormUser) => Readonly<Record<string, unknown>>;
  readonly isPublic?: boolean;
  /** What it has left behind of a user on whom nothing else was done. */
  readonly listEffects: (db: Database, user: StormUser) => Promise<readonly unknown[]>;
}

export const password = "correct horse battery";

/** One statement and several, with a unique constraint that would refuse a second effect and without, with a hash before. */
export const stormMutations: readonly StormMutation[] = [
  {
    path: "auth.create_api_key",
    input: () => ({ name: "Report", scopes: ["analytics:read"] }),
    listEffects: (db, { id }) => db.selectFrom("api_keys").select("id").where("user_id", "=", id).execute(),
  },
  {
    path: "transactions.create",
    input: () => ({ tx_hash: "0x5a1d", tx_type: "deposit", amount: "1250.5" }),
    listEffects: (db, { id }) =>
      db.selectFrom("transactions").select("id").where("owner_id", "=", id).execute(),
  },
  {
    path: "users.update_profile",
    input: () => ({ full_name: "Ada Lovelace" }),
    listEffects: (db, { id }) => eventsOf(db, id, "profile_changed"),
  },
  {
    // Not a login: each is counted as a guess before its key is looked at, and so many would have to wait for minutes.
    path: "auth.register",
    isPublic: true,
    input: ({ email }) => ({ email: `second-${email}`, password, full_name: "Ada" }),
    listEffects: (db, { email }) =>
      db.selectFrom("users").select("id").where("email", "=", `second-${email}`).execute(),
  },
];

function eventsOf(db: Database, userId: string, type: string): Promise<readonly unknown[]> {
  return db
    .selectFrom("audit_events")
    .select("id")
    .where("user_id", "=", userId)
    .where("type", "=", type)
    .execute();
}
