import type { ConnectWalletInput, ListWalletsInput, User, WalletInput, Wallets } from "@obsqra/contract";
import { walletsMax } from "@obsqra/contract";
import type { Database, DatabaseTransaction } from "@obsqra/db";
import type { Actor } from "@obsqra/platform";
import { AppError, momentInKey, nameInKey, readCursor, toPage } from "@obsqra/platform";
import { z } from "zod";
import { recordEvent } from "../audit/audit.service.ts";
import type { AuditEventDependencies } from "../audit/audit-event.ts";
import { existingAccount } from "../existing-account.ts";
import { lockUser, setWalletAddress } from "../profile/profile.service.ts";
import { movePrimaryOn } from "./primary-wallet.service.ts";
import { type ChallengeDependencies, getChallengeHash, takeChallenge } from "./wallet-challenge.service.ts";
import { askChain, checkWallet, readAddress, requireChain } from "./wallet-check.ts";
import { recheckWallet } from "./wallet-rechecks.service.ts";
import {
  countWallets,
  deleteWallet,
  findCounterfactualWallet,
  findWalletState,
  isPrimaryElsewhere,
  listWallets,
  upsertWallet,
} from "./wallets.queries.ts";

/** What changing one's wallets uses. */
export interface WalletsDependencies extends AuditEventDependencies {
  readonly db: Database;
  readonly actor: Actor;
}

/** A wallet whose signature was accepted, by its account or for the key that its address commits to. */
interface CheckedWallet {
  readonly address: string;
  readonly isDeployed: boolean;
  readonly hash: string;
  readonly signature: readonly string[];
}

const pageKey = z.tuple([momentInKey, nameInKey]);

/**
 * The user's wallets in the order in which they were linked.
 *
 * @throws AppError CURSOR_INVALID
 */
export async function getWallets(
  deps: { readonly db: Database; readonly actor: Actor },
  input: ListWalletsInput,
): Promise<Wallets> {
  const { user_id } = deps.actor;
  const view = { list: "wallets", owner_id: user_id, input };
  const after = readCursor(view, pageKey);
  const rows = await listWallets(deps.db, {
    user_id,
    after: after && { linked_at: new Date(after[0]), address: after[1] },
    limit: input.limit + 1,
  });
  const page = toPage(view, rows, (row) => [row.linked_at.toISOString(), row.address]);
  const items = page.items.map((row) => ({
    wallet_address: row.address,
    is_primary: row.is_primary,
    state: row.state,
    linked_at: row.linked_at.toISOString(),
    checked_at: row.checked_at.toISOString(),
  }));
  return { items, next_cursor: page.next_cursor };
}

/**
 * Links a wallet, or checks a linked one again, by a signature of our own copy of the challenge. Trouble with the chain
 * leaves the challenge usable; a verdict, good or bad, uses it up. The first wallet becomes the primary one.
 *
 * @throws AppError WALLET_ADDRESS_INVALID, WALLET_CHALLENGE_INVALID, WALLET_SIGNATURE_INVALID, WALLET_NOT_DEPLOYED,
 * WALLET_DEPLOYMENT_INVALID, WALLET_TAKEN, WALLET_LIMIT_REACHED, CHAIN_NOT_CONFIGURED, CHAIN_UNAVAILABLE
 */
export async function connectWallet(
  deps: ChallengeDependencies & AuditEventDependencies,
  input: ConnectWalletInput,
): Promise<User> {
  const address = readAddress(input.wallet_address);
  const chain = requireChain(deps.chain);
  const { challenge_id: id, signature } = input;
  const hash = await getChallengeHash(deps, { id, wallet_address: address });
  const query = { account: address, hash, signature };
  const { isDeployed, refusal } = await checkWallet(chain, query, input.deployment);
  const earlier = isDeployed ? await findCounterfactualWallet(deps.db, address) : undefined;
  // A link that rests on an address alone ends when the account, now that it is deployed, does not confirm it.
  if (earlier !== undefined && (refusal !== undefined || earlier.user_id !== deps.actor.user_id)) {
    await askChain(() => recheckWallet(deps, chain, earlier));
  }
  await takeChallenge(deps, id);
  if (refusal !== undefined) throw refusal;
  return linkWallet(deps, { address, isDeployed, hash, signature });
}

/**
 * Makes one of the user's wallets the primary one.
 *
 * @throws AppError WALLET_ADDRESS_INVALID, WALLET_NOT_FOUND
 */
export async function setPrimaryWallet(deps: WalletsDependencies, input: WalletInput): Promise<User> {
  const address = readAddress(input.wallet_address);
  const { user_id } = deps.actor;
  return withLockedUser(deps, async (within, user) => {
    if ((await findWalletState(within.db, { address, user_id })) === undefined) throw walletNotFound();
    if (user.wallet_address === address) return user;
    const changed = await setWalletAddress(within, address);
    await recordEvent(within, {
      user_id,
      type: "primary_wallet_changed",
      details: { wallet_address: address },
    });
    return changed;
  });
}

/**
 * Unlinks a wallet. If it was the primary one, the one that was linked first of the others takes its place.
 *
 * @throws AppError WALLET_ADDRESS_INVALID, WALLET_NOT_FOUND
 */
export async function unlinkWallet(deps: WalletsDependencies, input: WalletInput): Promise<User> {
  const address = readAddress(input.wallet_address);
  const { user_id } = deps.actor;
  return withLockedUser(deps, async (within, user) => {
    if (!(await deleteWallet(within.db, { address, user_id }))) throw walletNotFound();
    const changed = await movePrimaryOn(within, user, address);
    await recordEvent(within, {
      user_id,
      type: "wallet_unlinked",
      details: { wallet_address: address, primary_wallet: changed.wallet_address },
    });
    return changed;
  });
}

async function linkWallet(deps: WalletsDependencies, wallet: CheckedWallet): Promise<User> {
  const { address, isDeployed } = wallet;
  const { user_id } = deps.actor;
  const now = deps.clock();
  const state = isDeployed ? "deployed" : "counterfactual";
  return withLockedUser(deps, async (within, user) => {
    const stateBefore = await findWalletState(within.db, { address, user_id });
    if (stateBefore === undefined && (await countWallets(within.db, user_id)) >= walletsMax) {
      throw new AppError("WALLET_LIMIT_REACHED", { limit: walletsMax });
    }
    if (await isPrimaryElsewhere(within.db, { address, user_id })) throw walletTaken();
    const isMine = await upsertWallet(within.db, {
      address,
      user_id,
      state,
      // Kept to be asked about again, once there is an account that can answer.
      signed_hash: isDeployed ? null : wallet.hash,
      signature: isDeployed ? null : JSON.stringify(wallet.signature),
      linked_at: now,
      checked_at: now,
    });
    if (!isMine) throw walletTaken();
    const changed = user.wallet_address === null ? await setWalletAddress(within, address) : user;
    if (state !== stateBefore) {
      await recordEvent(within, {
        user_id,
        type: "wallet_linked",
        details: { wallet_address: address, state },
      });
    }
    return changed;
  });
}

/** Runs a change of the user's wallets in a transaction, one such change at a time. */
async function withLockedUser<TDeps extends WalletsDependencies>(
  deps: TDeps,
  change: (within: TDeps & { readonly db: DatabaseTransaction }, user: User) => Promise<User>,
): Promise<User> {
  return deps.db.transaction().execute(async (trx) => {
    const within = { ...deps, db: trx };
    return change(within, existingAccount(await lockUser(within)));
  });
}

function walletTaken(): AppError {
  return new AppError("WALLET_TAKEN", undefined);
}

/** Another user's wallet is answered like one that nobody has linked. */
function walletNotFound(): AppError {
  return new AppError("WALLET_NOT_FOUND", undefined);
}
