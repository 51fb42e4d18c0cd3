import type { Database } from "@obsqra/db";
import type { Logger } from "@obsqra/platform";
import { type ChainReader, ChainUnavailableError } from "@obsqra/starknet";
import { recordEvent } from "../audit/audit.service.ts";
import { type AuditEventDependencies, noRequest } from "../audit/audit-event.ts";
import { lockUser } from "../profile/profile.service.ts";
import { movePrimaryOn } from "./primary-wallet.service.ts";
import {
  type CounterfactualWallet,
  deleteRefusedWallet,
  listCounterfactualWallets,
  updateCheckedWallet,
} from "./wallets.queries.ts";

/** What checking wallets again uses. */
export interface RecheckDependencies extends Omit<AuditEventDependencies, "request"> {
  readonly db: Database;
  readonly chain: ChainReader | undefined;
  readonly log: Pick<Logger, "warn">;
}

/** How many wallets turned out how. */
export interface WalletRechecks {
  /** The account is deployed and accepts the signature. */
  readonly deployed: number;
  /** There is no account yet. */
  readonly waiting: number;
  /** The account does not accept the signature, so that the wallet was unlinked. */
  readonly refused: number;
  /** The node gave no answer; they are tried again next time. */
  readonly unanswered: number;
}

/** Every wallet is one request to the node. */
const walletsPerRunMax = 1000;

/**
 * Asks the accounts that were not deployed when they were linked whether they accept the signature, those that were
 * asked longest ago first, at most 1,000 a run. Several servers may do so at once. Ends early when the node is down.
 *
 * @param signal no further account is asked after it aborts
 */
export async function recheckCounterfactualWallets(
  deps: RecheckDependencies,
  signal: AbortSignal,
): Promise<WalletRechecks> {
  const counts = { deployed: 0, waiting: 0, refused: 0, unanswered: 0 };
  const { chain } = deps;
  if (chain === undefined) return counts;
  for (const wallet of await listCounterfactualWallets(deps.db, walletsPerRunMax)) {
    if (signal.aborted) break;
    try {
      counts[await recheckWallet(deps, chain, wallet)] += 1;
    } catch (err) {
      if (!(err instanceof ChainUnavailableError)) throw err;
      counts.unanswered += 1;
      deps.log.warn({ err }, "A wallet could not be checked again; it is tried again next time.");
      // One account that the node cannot run must not keep the others from being asked.
      if (!(await isReachable(chain))) break;
    }
  }
  return counts;
}

/**
 * Asks one account that was not deployed when it was linked, with the signature of then, and keeps what it says: an
 * account that does not accept the signature is unlinked.
 *
 * @throws ChainUnavailableError, and nothing has changed
 */
export async function recheckWallet(
  deps: Omit<RecheckDependencies, "chain" | "log">,
  chain: ChainReader,
  wallet: CounterfactualWallet,
): Promise<"deployed" | "waiting" | "refused"> {
  const verdict = await chain.isValidSignature({
    account: wallet.address,
    hash: wallet.signed_hash,
    signature: wallet.signature,
  });
  switch (verdict) {
    case "valid":
      await updateCheckedWallet(deps.db, wallet, { isDeployed: true, now: deps.clock() });
      return "deployed";
    case "not_deployed":
      await updateCheckedWallet(deps.db, wallet, { isDeployed: false, now: deps.clock() });
      return "waiting";
    case "invalid":
    case "no_entry_point":
      await unlinkRefused(deps, wallet);
      return "refused";
  }
}

async function unlinkRefused(
  deps: Omit<RecheckDependencies, "chain" | "log">,
  wallet: CounterfactualWallet,
): Promise<void> {
  const { address, user_id } = wallet;
  await deps.db.transaction().execute(async (trx) => {
    const within = { ...deps, db: trx, request: noRequest, actor: { user_id } };
    const user = await lockUser(within);
    if (user === undefined || !(await deleteRefusedWallet(trx, wallet))) return;
    const left = await movePrimaryOn(within, user, address);
    await recordEvent(within, {
      user_id,
      type: "wallet_refused",
      details: { wallet_address: address, primary_wallet: left.wallet_address },
    });
  });
}

async function isReachable(chain: ChainReader): Promise<boolean> {
  try {
    await chain.chainId();
    return true;
  } catch {
    return false;
  }
}
