import type { NoContractCall } from "./chain-reader.ts";

/** A tree of a log that a contract keeps: how many entries, and the root as a number. */
export interface AnchoredTree {
  readonly size: number;
  readonly root: bigint;
}

/** What a contract such as contracts/log_anchor.cairo keeps. */
export interface AnchorContractState {
  /** The account that may add trees, as a canonical felt. */
  readonly owner: string;
  readonly count: number;
  /** The largest tree, with the time of the block that it came in; undefined before the first. */
  readonly newest: (AnchoredTree & { readonly anchoredAt: Date }) | undefined;
}

/** A transaction that was sent, and what it would take to replace it. */
export interface AnchorTransaction {
  /** As a canonical felt. */
  readonly transaction_hash: string;
  readonly nonce: bigint;
  /** What it offers for a unit of L2 gas, in fri: 10^-18 STRK. */
  readonly l2_gas_price_max: bigint;
  readonly tip: bigint;
  /** What it costs at most, in fri. */
  readonly fee_max: bigint;
}

/**
 * Why nothing was sent.
 *
 * - `too_expensive`: it might cost more than was allowed.
 * - `no_funds`: the account has less than it might cost.
 * - `refused`: the contract, or the account, would not take it, as the node has found by running it.
 * - `no_account`: there is no account at the address.
 * - `nonce_used`: another transaction of the account was faster. Look again what became of it.
 */
export type AnchorRefusal = "too_expensive" | "no_funds" | "refused" | "no_account" | "nonce_used";

/** What sending came to. */
export type AnchorSending =
  | { readonly status: "sent"; readonly transaction: AnchorTransaction }
  | { readonly status: AnchorRefusal; readonly fee_max?: bigint };

/**
 * What became of an anchor's transaction: `waiting` when it is not in a block yet, `unknown` when the node has none with this hash.
 */
export type AnchorTransactionStatus = "unknown" | "waiting" | "included" | "reverted";

/**
 * The port to a contract that keeps trees of a log, and to the account that owns it. `createRpcLogAnchor` is the adapter over JSON-RPC.
 *
 * Every method throws `ChainUnavailableError` when the node gives no usable response.
 */
export interface LogAnchor {
  /** The contract, as a canonical felt. */
  readonly contract: string;
  /** The account that sends, as a canonical felt. */
  readonly account: string;
  /** Whether the account's key is here; without it, `send` throws TypeError. */
  readonly canSend: boolean;
  /** What the contract keeps in the newest block, or why that cannot be said. */
  state(): Promise<AnchorContractState | NoContractCall | "malformed">;
  /**
   * Sends a tree. The contract takes only a larger one than it has, and a nonce counts once, so that however often this is repeated, a tree
   * is kept once.
   *
   * @param replaced a transaction that has waited too long: a new one with its nonce offers more
   */
  send(tree: AnchoredTree, replaced?: AnchorTransaction): Promise<AnchorSending>;
  status(transactionHash: string): Promise<AnchorTransactionStatus>;
}
