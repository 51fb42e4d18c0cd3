import type { Database, DatabaseTransaction, NewRow, Row, Tables } from "@obsqra/db";
import { sql } from "kysely";

export type TotpFactorRow = Pick<
  Row<Tables["totp_factors"]>,
  "secret_sealed" | "confirmed_at" | "last_period"
>;

/** What a user is told of their second factor. */
export interface SecondFactorRow {
  readonly confirmed_at: Date | null;
  readonly recovery_codes_left: number;
}

export async function findTotpFactor(db: Database, userId: string): Promise<TotpFactorRow | undefined> {
  return db
    .selectFrom("totp_factors")
    .select(["secret_sealed", "confirmed_at", "last_period"])
    .where("user_id", "=", userId)
    .executeTakeFirst();
}

/** The app of a user, set up or not, and how many recovery codes are left. */
export async function findSecondFactor(db: Database, userId: string): Promise<SecondFactorRow | undefined> {
  return db
    .selectFrom("totp_factors")
    .select([
      "confirmed_at",
      sql<number>`(select count(*)::int from recovery_codes where user_id = ${userId})`.as(
        "recovery_codes_left",
      ),
    ])
    .where("user_id", "=", userId)
    .executeTakeFirst();
}

/**
 * Stores the secret of an app in the place of one that was not confirmed.
 *
 * @returns false where one was
 */
export async function upsertTotpFactor(
  trx: DatabaseTransaction,
  row: NewRow<Tables["totp_factors"]>,
): Promise<boolean> {
  const stored = await trx
    .insertInto("totp_factors")
    .values(row)
    .onConflict((conflict) =>
      conflict
        .column("user_id")
        .doUpdateSet({ secret_sealed: row.secret_sealed, created_at: row.created_at, last_period: null })
        .where("totp_factors.confirmed_at", "is", null),
    )
    .returning("user_id")
    .executeTakeFirst();
  return stored !== undefined;
}

/**
 * Makes an app count.
 *
 * @returns whether its secret was still the one that the code is of
 */
export async function confirmTotpFactor(
  trx: DatabaseTransaction,
  factor: {
    readonly user_id: string;
    readonly secret_sealed: Uint8Array;
    readonly period: number;
    readonly now: Date;
  },
): Promise<boolean> {
  const confirmed = await trx
    .updateTable("totp_factors")
    .set({ confirmed_at: factor.now, last_period: factor.period })
    .where("user_id", "=", factor.user_id)
    .where("secret_sealed", "=", factor.secret_sealed)
    .where("confirmed_at", "is", null)
    .returning("user_id")
    .executeTakeFirst();
  return confirmed !== undefined;
}

/** Uses a code up, so that of parallel uses only one gets true. */
export async function usePeriod(
  trx: DatabaseTransaction,
  { user_id, period }: { readonly user_id: string; readonly period: number },
): Promise<boolean> {
  const used = await trx
    .updateTable("totp_factors")
    .set({ last_period: period })
    .where("user_id", "=", user_id)
    .where("confirmed_at", "is not", null)
    .where((where) => where.or([where("last_period", "is", null), where("last_period", "<", period)]))
    .returning("user_id")
    .executeTakeFirst();
  return used !== undefined;
}

/** Uses a recovery code up, so that of parallel uses only one gets true. */
export async function takeRecoveryCode(
  trx: DatabaseTransaction,
  { user_id, code_hash }: { readonly user_id: string; readonly code_hash: Uint8Array },
): Promise<boolean> {
  const taken = await trx
    .deleteFrom("recovery_codes")
    .where("code_hash", "=", code_hash)
    .where("user_id", "=", user_id)
    .returning("user_id")
    .executeTakeFirst();
  return taken !== undefined;
}

export async function hasRecoveryCode(
  db: Database,
  { user_id, code_hash }: { readonly user_id: string; readonly code_hash: Uint8Array },
): Promise<boolean> {
  const found = await db
    .selectFrom("recovery_codes")
    .select("user_id")
    .where("code_hash", "=", code_hash)
    .where("user_id", "=", user_id)
    .executeTakeFirst();
  return found !== undefined;
}

export async function countRecoveryCodes(db: Database, userId: string): Promise<number> {
  const { count } = await db
    .selectFrom("recovery_codes")
    .select(({ fn }) => fn.countAll().as("count"))
    .where("user_id", "=", userId)
    .executeTakeFirstOrThrow();
  return Number(count);
}

/** Stores a user's recovery codes in the place of those there are. */
export async function replaceRecoveryCodes(
  trx: DatabaseTransaction,
  userId: string,
  rows: readonly NewRow<Tables["recovery_codes"]>[],
): Promise<void> {
  await trx.deleteFrom("recovery_codes").where("user_id", "=", userId).execute();
  await trx.insertInto("recovery_codes").values(rows).execute();
}

/** Deletes a user's app, recovery codes and remembered devices. @returns whether signing in took the app */
export async function deleteSecondFactor(trx: DatabaseTransaction, userId: string): Promise<boolean> {
  const deleted = await trx
    .with("codes", (query) => query.deleteFrom("recovery_codes").where("user_id", "=", userId))
    .with("devices", (query) => query.deleteFrom("remembered_devices").where("user_id", "=", userId))
    .deleteFrom("totp_factors")
    .where("user_id", "=", userId)
    .returning("confirmed_at")
    .executeTakeFirst();
  return deleted?.confirmed_at != null;
}

/**
 * Says whether a user's password lets in by itself. The change of its row is what a login that has checked the password meanwhile
 * waits for, and sees.
 */
export async function setNeedsSecondFactor(
  trx: DatabaseTransaction,
  { user_id, needs }: { readonly user_id: string; readonly needs: boolean },
): Promise<void> {
  await trx
    .updateTable("user_passwords")
    .set({ needs_second_factor: needs })
    .where("user_id", "=", user_id)
    .execute();
}

/** Secrets of apps, by the user. */
export async function listTotpSecrets(
  db: Database,
  { after, limit }: { readonly after: string | undefined; readonly limit: number },
): Promise<Pick<Row<Tables["totp_factors"]>, "user_id" | "secret_sealed">[]> {
  let query = db.selectFrom("totp_factors").select(["user_id", "secret_sealed"]);
  if (after !== undefined) query = query.where("user_id", ">", after);
  return query.orderBy("user_id").limit(limit).execute();
}

/** Replaces a sealed secret unless another was set up meanwhile. @returns how many have changed */
export async function replaceTotpSecret(
  db: Database,
  {
    user_id,
    known,
    sealed,
  }: { readonly user_id: string; readonly known: Uint8Array; readonly sealed: Uint8Array },
): Promise<number> {
  const result = await db
    .updateTable("totp_factors")
    .set({ secret_sealed: sealed })
    .where("user_id", "=", user_id)
    .where("secret_sealed", "=", known)
    .executeTakeFirst();
  return Number(result.numUpdatedRows);
}
