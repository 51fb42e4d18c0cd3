import type { RiskMetrics } from "./risk-engine.ts";

/**
 * What an account contract says about a signature.
 *
 * - `valid`: it returned 'VALID' (SNIP-6) or 1.
 * - `invalid`: it returned anything else, or reverted (as Argent and Braavos accounts do).
 * - `not_deployed`: there is no contract at the address yet. A wallet deploys its account with the first transaction.
 * - `no_entry_point`: there is a contract, but it is not an account that can check signatures.
 */
export type SignatureVerdict = "valid" | "invalid" | "not_deployed" | "no_entry_point";

/** A question for an account: did it sign this hash? */
export interface SignatureQuery {
  /** The account's address, in any spelling `parseAddress` accepts. */
  account: string;
  /** The hash that was signed, a felt. */
  hash: string;
  /** 1 to 128 felts, hex or decimal, exactly as the wallet returned them. */
  signature: readonly string[];
}

/**
 * What became of a transaction.
 *
 * - `unknown`: the node has no transaction with this hash.
 * - `waiting`: it is not in a block, or in one that may still be replaced.
 * - `succeeded` and `reverted`: it is settled; the sender is the account that sent it, as a canonical felt, or undefined for
 *   kinds that no account sends. `contracts` are those that took part, as far as their events show it, as canonical felts;
 *   undefined where the node says nothing of events.
 */
export type TransactionOutcome =
  | { readonly status: "unknown" | "waiting" | "reverted" }
  | {
      readonly status: "succeeded";
      readonly sender: string | undefined;
      readonly contracts: ReadonlySet<string> | undefined;
    };

/**
 * The port to a deployed RiskEngine contract. `createRpcRiskEngineReader` is the adapter over JSON-RPC.
 *
 * It throws `ChainUnavailableError` when the node gives no usable response, and `StarknetError` for metrics that are no integers
 * of their range, before anything is sent.
 */
export interface RiskEngineReader {
  /** The contract, as a canonical address. */
  readonly address: string;
  /** The contract's own score for these metrics: a felt, which may be anything, or why there is none. */
  riskScore(metrics: RiskMetrics): Promise<bigint | NoRiskScore>;
}

/**
 * Why a contract gives no score: there is none at the address, it has no such entry point, it reverts, or it gives something else than
 * one felt.
 */
export type NoRiskScore = NoContractCall | "malformed";

/** Why a contract gives nothing: there is none at the address, it has no such entry point, or it reverts. */
export type NoContractCall = "not_deployed" | "no_entry_point" | "reverted";

/** What a unit of each kind of gas costs in a block, in fri: 10^-18 STRK, in which transactions pay their fees. */
export interface GasPrices {
  readonly blockNumber: number;
  /** When the block was made, as it says itself. */
  readonly blockTime: Date;
  readonly l1GasFri: bigint;
  readonly l2GasFri: bigint;
  readonly l1DataGasFri: bigint;
}

/** What a price oracle says of a pair, such as STRK/USD. */
export interface OraclePrice {
  /** Times 10 to the power of `decimals`. */
  readonly price: bigint;
  readonly decimals: number;
  /** When the newest of its sources was, as the oracle says itself. */
  readonly updatedAt: Date;
  readonly sourceCount: number;
}

/**
 * The port to what fees cost: gas prices of the chain, and the price of what they are paid in. `createRpcFeeReader` is the adapter over
 * JSON-RPC.
 *
 * Both throw `ChainUnavailableError` when the node gives no usable response. What they give may be anything that fits the types: whether
 * it is plausible is for the caller to judge.
 */
export interface FeeReader {
  /** Of the newest block. */
  gasPrices(): Promise<GasPrices>;
  /** The oracle's median price of a pair as of a block, or why there is none. */
  medianPrice(pair: string, blockNumber: number): Promise<OraclePrice | NoContractCall | "malformed">;
}

/**
 * The port to Starknet: everything the rest of the system may ask a chain. `createRpcChainReader` is the adapter over
 * JSON-RPC.
 *
 * Every method throws `ChainUnavailableError` when the node gives no usable response: a node in trouble is never
 * reported as a verdict. Malformed input throws `StarknetError` before anything is sent.
 */
export interface ChainReader {
  /** The name of the network the node serves, such as `SN_SEPOLIA`. */
  chainId(): Promise<string>;
  /** Asks the account contract itself, so every kind of account works. Signatures are malleable: see `parseSignature`. */
  isValidSignature(query: SignatureQuery): Promise<SignatureVerdict>;
  /** The class hash of the contract at `address` (canonical felt), or `undefined` when none is deployed there. */
  classHashAt(address: string): Promise<string | undefined>;
  /** What became of the transaction with this hash, in any spelling `parseTransactionHash` accepts. */
  transactionOutcome(hash: string): Promise<TransactionOutcome>;
}
