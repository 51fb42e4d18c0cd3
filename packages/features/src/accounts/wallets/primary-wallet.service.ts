import type { User } from "@obsqra/contract";
import type { DatabaseTransaction } from "@obsqra/db";
import { setWalletAddress } from "../profile/profile.service.ts";
import { findOldestWallet } from "./wallets.queries.ts";

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
