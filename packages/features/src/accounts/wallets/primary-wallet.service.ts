import type { User } from "@obsqra/contract";
import type { DatabaseTransaction } from "@obsqra/db";
import type { Actor } from "@obsqra/platform";
import { setWalletAddress } from "../profile/profile.service.ts";
import { findOldestWallet } from "./wallets.queries.ts";

/**
 * Makes the wallet that was linked first of those that are left the primary one, if the one that is gone was it.
 *
 * @param user as locked before, with the primary wallet of then
 */
export async function movePrimaryOn(
  deps: {
    readonly db: DatabaseTransaction;
    readonly clock: () => Date;
    readonly actor: Pick<Actor, "user_id">;
  },
  user: User,
  goneAddress: string,
): Promise<User> {
  if (user.wallet_address !== goneAddress) return user;
  return setWalletAddress(deps, (await findOldestWallet(deps.db, user.id)) ?? null);
}
