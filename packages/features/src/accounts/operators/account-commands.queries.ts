import type { Plan } from "@obsqra/contract";
import type { Database, DatabaseTransaction, Row, Tables } from "@obsqra/db";

/**
 * The plan of an account, which nobody else changes until the transaction ends.
 *
 * @returns undefined when no account has the address
 */
export async function lockPlan(
  db: DatabaseTransaction,
  email: string,
): Promise<Pick<Row<Tables["users"]>, "id" | "plan"> | undefined> {
  return db
    .selectFrom("users")
    .select(["id", "plan"])
    .where("email", "=", email)
    .forUpdate()
    .executeTakeFirst();
}

/**
 * Whether the account with an address has an operator's rights, and nobody else changes them until the transaction ends.
 *
 * @returns undefined when no account has the address
 */
export async function lockOperatorRights(
  db: DatabaseTransaction,
  email: string,
): Promise<Pick<Row<Tables["users"]>, "id" | "operator_since"> | undefined> {
  return db
    .selectFrom("users")
    .select(["id", "operator_since"])
    .where("email", "=", email)
    .forUpdate()
    .executeTakeFirst();
}

/** @param change.since null to withdraw them */
export async function updateOperatorRights(
  db: DatabaseTransaction,
  change: { readonly user_id: string; readonly since: Date | null; readonly now: Date },
): Promise<void> {
  await db
    .updateTable("users")
    .set({ operator_since: change.since, updated_at: change.now })
    .where("id", "=", change.user_id)
    .execute();
}

/** @returns undefined when no account has the address */
export async function findOperatorSince(
  db: Database,
  email: string,
): Promise<Pick<Row<Tables["users"]>, "operator_since"> | undefined> {
  return db.selectFrom("users").select("operator_since").where("email", "=", email).executeTakeFirst();
}

export async function updatePlan(
  db: DatabaseTransaction,
  change: { readonly user_id: string; readonly plan: Plan; readonly now: Date },
): Promise<void> {
  await db
    .updateTable("users")
    .set({ plan: change.plan, updated_at: change.now })
    .where("id", "=", change.user_id)
    .execute();
}

/** Accounts with live sessions, in the order in which they were made. */
export async function listSignedInAccounts(
  db: Database,
  page: { readonly after: string | undefined; readonly limit: number; readonly now: Date },
): Promise<{ id: string }[]> {
  let query = db
    .selectFrom("auth_sessions")
    .select("user_id as id")
    .distinct()
    .where("revoked_at", "is", null)
    .where("expires_at", ">", page.now);
  if (page.after !== undefined) query = query.where("user_id", ">", page.after);
  return query.orderBy("user_id").limit(page.limit).execute();
}

/** Live sessions and the accounts that have them; of one account, or of all. */
export async function countLiveSessions(
  db: Database,
  { userId, now }: { readonly userId: string | undefined; readonly now: Date },
): Promise<{ accounts: number; sessions: number }> {
  let query = db
    .selectFrom("auth_sessions")
    .select(({ fn }) => [
      fn.countAll<string>().as("sessions"),
      fn.count<string>("user_id").distinct().as("accounts"),
    ])
    .where("revoked_at", "is", null)
    .where("expires_at", ">", now);
  if (userId !== undefined) query = query.where("user_id", "=", userId);
  const { accounts, sessions } = await query.executeTakeFirstOrThrow();
  return { accounts: Number(accounts), sessions: Number(sessions) };
}

/** @returns undefined when no account has the address */
export async function findPlan(db: Database, email: string): Promise<Plan | undefined> {
  const row = await db.selectFrom("users").select("plan").where("email", "=", email).executeTakeFirst();
  return row?.plan;
}
