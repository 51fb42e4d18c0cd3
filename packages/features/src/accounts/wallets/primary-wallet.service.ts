import type { User } from "@obsqra/contract";
import type { DatabaseTransaction } from "@obsqra/db";
import { setWalletAddress } from "../profile/profile.service.ts";
import { deleteWallets, findOldestWallet } from "./wallets.queries.ts";

/** Makes the wallet that was linked first of those that are left the primary one, if the one that is gone was it. */
export async function movePrimaryOn(
  trx: DatabaseTransaction,
  move: {
    /** As locked before, with the primary wallet of then. */
    readonly user: User;
    readonly goneAddress: string;
    readonly now: Date;
  },
): Promise<User> {
  const { user, goneAddress, now } = move;
  if (user.wallet_address !== goneAddress) return user;
  const wallet_address = (await findOldestWallet(trx, user.id)) ?? null;
  return setWalletAddress(trx, { user_id: user.id, wallet_address, now });
}

/**
 * Unlinks all wallets of a user. Lock the account before.
 *
 * @returns their addresses
 */
export async function unlinkAllWallets(
  trx: DatabaseTransaction,
  { user_id, now }: { readonly user_id: string; readonly now: Date },
): Promise<string[]> {
  const addresses = await deleteWallets(trx, user_id);
  if (addresses.length > 0) await setWalletAddress(trx, { user_id, wallet_address: null, now });
  return addresses;
}
