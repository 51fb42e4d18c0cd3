import type { Database, DatabaseTransaction } from "@obsqra/db";
import { type Logger, writeTransaction } from "@obsqra/platform";
import { type ChainReader, ChainUnavailableError } from "@obsqra/starknet";
import { insertAuditEvent } from "../audit/audit.queries.ts";
import {
  type AuditEventDependencies,
  type AuditWriter,
  auditWriter,
  noRequest,
} from "../audit/audit-event.ts";
import { lockUsers } from "../profile/profile.service.ts";
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
  /** The node could not say; they are tried again next time. */
  readonly undecided: number;
}

/** What the account of a wallet that was linked before it was deployed says by now; still to be stored. */
export interface WalletRecheck {
  readonly wallet: CounterfactualWallet;
  readonly outcome: "deployed" | "waiting" | "refused";
  readonly now: Date;
  /** Of what the service does by itself. */
  readonly audit: AuditWriter;
}

/** Every wallet is one request to the node. */
const walletsPerRunMax = 1000;

const outcomes = {
  valid: "deployed",
  not_deployed: "waiting",
  invalid: "refused",
  no_entry_point: "refused",
} as const;

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
  const counts = { deployed: 0, waiting: 0, refused: 0, undecided: 0 };
  const { chain } = deps;
  if (chain === undefined) return counts;
  for (const wallet of await listCounterfactualWallets(deps.db, walletsPerRunMax)) {
    if (signal.aborted) break;
    try {
      const recheck = await recheckWallet(deps, chain, wallet);
      await writeTransaction(deps, (trx) => storeRecheck(trx, recheck));
      counts[recheck.outcome] += 1;
    } catch (err) {
      if (!(err instanceof ChainUnavailableError)) throw err;
      counts.undecided += 1;
      deps.log.warn({ err }, "A wallet could not be checked again; it is tried again next time.");
      if (!(await isReachable(chain))) break;
      // One account that the node cannot run must not keep the others from being asked, neither now nor in the next run.
      const check = { isDeployed: false, now: deps.clock() };
      await writeTransaction(deps, (trx) => updateCheckedWallet(trx, wallet, check));
    }
  }
  return counts;
}

/**
 * Asks one account that was not deployed when it was linked, with the signature of then. Nothing is stored yet.
 *
 * @throws ChainUnavailableError
 */
export async function recheckWallet(
  deps: Omit<AuditEventDependencies, "request">,
  chain: ChainReader,
  wallet: CounterfactualWallet,
): Promise<WalletRecheck> {
  const verdict = await chain.isValidSignature({
    account: wallet.address,
    hash: wallet.signed_hash,
    signature: wallet.signature,
  });
  const audit = auditWriter({ ...deps, request: noRequest });
  return { wallet, outcome: outcomes[verdict], now: deps.clock(), audit };
}

/** Stores what an account has said: a wallet whose account does not accept the signature is unlinked. */
export async function storeRecheck(trx: DatabaseTransaction, recheck: WalletRecheck): Promise<void> {
  const { wallet, outcome, now, audit } = recheck;
  if (outcome !== "refused") {
    return updateCheckedWallet(trx, wallet, { isDeployed: outcome === "deployed", now });
  }
  const { address, user_id } = wallet;
  const user = (await lockUsers(trx, [user_id])).get(user_id);
  if (user === undefined || !(await deleteRefusedWallet(trx, wallet))) return;
  const left = await movePrimaryOn(trx, { user, goneAddress: address, now });
  const details = { wallet_address: address, primary_wallet: left.wallet_address };
  await insertAuditEvent(trx, audit({ user_id, type: "wallet_refused", details }));
}

async function isReachable(chain: ChainReader): Promise<boolean> {
  try {
    await chain.chainId();
    return true;
  } catch {
    return false;
  }
}
