import type { Database, DatabaseTransaction, NewRow, Row, Tables } from "@obsqra/db";
import { sql } from "kysely";

export type WalletRow = Pick<
  Row<Tables["user_wallets"]>,
  "address" | "state" | "linked_at" | "checked_at"
> & { is_primary: boolean };

export type NewWalletRow = NewRow<Tables["user_wallets"]>;

/** A wallet whose account still has to be asked. */
export interface CounterfactualWallet {
  readonly address: string;
  readonly user_id: string;
  readonly signed_hash: string;
  readonly signature: readonly string[];
}

/** A user's wallets in the order in which they were linked. */
export async function listWallets(
  db: Database,
  page: {
    readonly user_id: string;
    readonly after: { readonly linked_at: Date; readonly address: string } | undefined;
    readonly limit: number;
  },
): Promise<WalletRow[]> {
  const { after } = page;
  // As exact as a Date; a user has few wallets, so that this may be computed.
  const linkedAt = sql<Date>`date_trunc('milliseconds', user_wallets.linked_at)`;
  let query = db
    .selectFrom("user_wallets")
    .innerJoin("users", "users.id", "user_wallets.user_id")
    .select((row) => [
      "user_wallets.address",
      "user_wallets.state",
      "user_wallets.linked_at",
      "user_wallets.checked_at",
      row("user_wallets.address", "is not distinct from", row.ref("users.wallet_address"))
        .$castTo<boolean>()
        .as("is_primary"),
    ])
    .where("user_wallets.user_id", "=", page.user_id);
  if (after !== undefined) {
    query = query.where(
      sql<boolean>`(${linkedAt}, user_wallets.address) > (${after.linked_at}::timestamptz, ${after.address})`,
    );
  }
  return query.orderBy(linkedAt).orderBy("user_wallets.address").limit(page.limit).execute();
}

/** What an address is to a user who wants to link it. */
export interface WalletStanding {
  /** Undefined when the user has not linked it. */
  readonly state: WalletRow["state"] | undefined;
  /** How many wallets the user has linked. */
  readonly linked: number;
  /** Whether it is another user's primary wallet. The first servers kept that alone, without a row in user_wallets. */
  readonly isPrimaryElsewhere: boolean;
}

/** Lock the user first, so that it stays as it is read. */
export async function getWalletStanding(
  trx: DatabaseTransaction,
  wallet: { readonly address: string; readonly user_id: string },
): Promise<WalletStanding> {
  const { address, user_id } = wallet;
  const row = await trx
    .selectNoFrom(({ exists, selectFrom }) => {
      const own = selectFrom("user_wallets").where("user_id", "=", user_id);
      const others = selectFrom("users").where("wallet_address", "=", address).where("id", "<>", user_id);
      return [
        own.where("address", "=", address).select("state").as("state"),
        own.select(({ fn }) => fn.countAll<string>().as("count")).as("linked"),
        exists(others.select("id")).$castTo<boolean>().as("isPrimaryElsewhere"),
      ];
    })
    .executeTakeFirstOrThrow();
  return { ...row, state: row.state ?? undefined, linked: Number(row.linked) };
}

export async function isLinked(
  db: Database,
  wallet: { readonly address: string; readonly user_id: string },
): Promise<boolean> {
  const row = await db
    .selectFrom("user_wallets")
    .select("address")
    .where("address", "=", wallet.address)
    .where("user_id", "=", wallet.user_id)
    .executeTakeFirst();
  return row !== undefined;
}

/**
 * Stores a wallet, or what a new check of it gave.
 *
 * @returns false when it is another user's
 */
export async function upsertWallet(trx: DatabaseTransaction, wallet: NewWalletRow): Promise<boolean> {
  const row = await trx
    .insertInto("user_wallets")
    .values(wallet)
    .onConflict((conflict) =>
      conflict
        .column("address")
        .doUpdateSet((row) => ({
          state: row.ref("excluded.state"),
          signed_hash: row.ref("excluded.signed_hash"),
          signature: row.ref("excluded.signature"),
          checked_at: row.ref("excluded.checked_at"),
        }))
        .whereRef("user_wallets.user_id", "=", "excluded.user_id"),
    )
    .returning("address")
    .executeTakeFirst();
  return row !== undefined;
}

/** @returns whether it was this user's */
export async function deleteWallet(
  trx: DatabaseTransaction,
  wallet: { readonly address: string; readonly user_id: string },
): Promise<boolean> {
  const row = await trx
    .deleteFrom("user_wallets")
    .where("address", "=", wallet.address)
    .where("user_id", "=", wallet.user_id)
    .returning("address")
    .executeTakeFirst();
  return row !== undefined;
}

/** @returns the addresses of those that there were */
export async function deleteWallets(trx: DatabaseTransaction, userId: string): Promise<string[]> {
  const rows = await trx
    .deleteFrom("user_wallets")
    .where("user_id", "=", userId)
    .returning("address")
    .execute();
  return rows.map(({ address }) => address).sort();
}

/** The address of the wallet that a user has linked first. */
export async function findOldestWallet(
  trx: DatabaseTransaction,
  userId: string,
): Promise<string | undefined> {
  const row = await trx
    .selectFrom("user_wallets")
    .select("address")
    .where("user_id", "=", userId)
    .orderBy("linked_at")
    .orderBy("address")
    .limit(1)
    .executeTakeFirst();
  return row?.address;
}

/** The wallet at an address, whoever has linked it, while its account is not known to be deployed. */
export async function findCounterfactualWallet(
  db: Database,
  address: string,
): Promise<CounterfactualWallet | undefined> {
  return counterfactualWallets(db).where("address", "=", address).executeTakeFirst();
}

/** Those that were checked longest ago. */
export async function listCounterfactualWallets(
  db: Database,
  limit: number,
): Promise<CounterfactualWallet[]> {
  return counterfactualWallets(db).orderBy("checked_at").limit(limit).execute();
}

/** Keeps what an account said, unless the wallet was checked with another signature meanwhile. */
export async function updateCheckedWallet(
  trx: DatabaseTransaction,
  wallet: CounterfactualWallet,
  check: { readonly isDeployed: boolean; readonly now: Date },
): Promise<void> {
  await trx
    .updateTable("user_wallets")
    .set({
      checked_at: check.now,
      ...(check.isDeployed && { state: "deployed", signed_hash: null, signature: null }),
    })
    .where("address", "=", wallet.address)
    .where("user_id", "=", wallet.user_id)
    .where("signed_hash", "=", wallet.signed_hash)
    .execute();
}

/** @returns false when the wallet was unlinked or checked with another signature meanwhile */
export async function deleteRefusedWallet(
  trx: DatabaseTransaction,
  wallet: CounterfactualWallet,
): Promise<boolean> {
  const row = await trx
    .deleteFrom("user_wallets")
    .where("address", "=", wallet.address)
    .where("user_id", "=", wallet.user_id)
    .where("signed_hash", "=", wallet.signed_hash)
    .returning("address")
    .executeTakeFirst();
  return row !== undefined;
}

function counterfactualWallets(db: Database) {
  return db
    .selectFrom("user_wallets")
    .select(["address", "user_id", "signed_hash", "signature"])
    .where("state", "=", "counterfactual")
    .where("signed_hash", "is not", null)
    .where("signature", "is not", null)
    .$narrowType<{ signed_hash: string; signature: string[] }>();
}
