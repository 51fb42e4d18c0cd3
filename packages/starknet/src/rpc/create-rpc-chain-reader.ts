import { parseAddress } from "../address.ts";
import { parseChainId } from "../chain-id.ts";
import type { ChainReader, FeeReader, RiskEngineReader } from "../chain-reader.ts";
import { ChainUnavailableError } from "../errors.ts";
import { calculateRiskScore } from "./calculate-risk-score.ts";
import { getChainId } from "./get-chain-id.ts";
import { getClassHashAt } from "./get-class-hash-at.ts";
import { getGasPrices } from "./get-gas-prices.ts";
import { getMedianPrice } from "./get-median-price.ts";
import { getTransactionOutcome } from "./get-transaction-outcome.ts";
import type { HttpTransportOptions } from "./http-transport.ts";
import { createHttpTransport } from "./http-transport.ts";
import { isValidSignature } from "./is-valid-signature.ts";
import type { JsonRpcClient } from "./json-rpc-client.ts";
import { createJsonRpcClient } from "./json-rpc-client.ts";
import type { BlockTag } from "./rpc-schema.ts";

export interface RpcChainReaderOptions extends HttpTransportOptions {
  /** The network we mean to use, as name or felt. A node that serves another one is an error. */
  expectedChainId: string;
  /** The block that reads are made against. @default "latest" */
  blockTag?: BlockTag;
}

/**
 * A {@link ChainReader} over a node's JSON-RPC HTTP interface (specification 0.8 to 0.10).
 *
 * The node's chain id is checked before the first response is trusted and again after every failure, since another node
 * may be behind the URL by then; in between, no extra request is made. Nothing is sent on creation.
 *
 * @throws StarknetError `INVALID_CHAIN_ID`, or TypeError for a URL that is not http(s).
 * @example
 * const reader = createRpcChainReader({ url, expectedChainId: "SN_MAIN", fetch });
 * const verdict = await reader.isValidSignature({ account, hash, signature });
 */
export function createRpcChainReader(options: RpcChainReaderOptions): ChainReader {
  const { onExpectedChain, client } = createCheckedClient(options);
  const { blockTag } = options;
  return {
    chainId: () => onExpectedChain((chainId) => Promise.resolve(chainId)),
    isValidSignature: (query) => isValidSignature(client, { ...query, blockTag }),
    transactionOutcome: (hash) => getTransactionOutcome(client, hash),
    classHashAt: (address) => getClassHashAt(client, { address, blockTag }),
  };
}

export interface RpcRiskEngineReaderOptions extends RpcChainReaderOptions {
  /** Address of the RiskEngine contract, in any spelling `parseAddress` accepts. */
  contract: string;
}

/**
 * A {@link RiskEngineReader} over a node's JSON-RPC HTTP interface, with the same checks as {@link createRpcChainReader}.
 *
 * @throws StarknetError `INVALID_CHAIN_ID`, `INVALID_ADDRESS`, or TypeError for a URL that is not http(s).
 */
export function createRpcRiskEngineReader(options: RpcRiskEngineReaderOptions): RiskEngineReader {
  const { client } = createCheckedClient(options);
  const address = parseAddress(options.contract);
  const { blockTag } = options;
  return {
    address,
    riskScore: (metrics) => calculateRiskScore(client, { contract: address, metrics, blockTag }),
  };
}

export interface RpcFeeReaderOptions extends Omit<RpcChainReaderOptions, "blockTag"> {
  /** Address of a Pragma oracle, in any spelling `parseAddress` accepts. */
  oracle: string;
}

/**
 * Pragma's oracle on Starknet's main network.
 * https://docs.pragma.build (Consuming Data: "The current Pragma addresses are")
 */
export const pragmaMainnetAddress = "0x2a85bd616f912537c50a49a4076db02c00b29b2cdc8a197ce92ed1837fa875b";

/**
 * A {@link FeeReader} over a node's JSON-RPC HTTP interface, with the same checks as {@link createRpcChainReader}.
 *
 * @throws StarknetError `INVALID_CHAIN_ID`, `INVALID_ADDRESS`, or TypeError for a URL that is not http(s).
 */
export function createRpcFeeReader(options: RpcFeeReaderOptions): FeeReader {
  const { client } = createCheckedClient(options);
  const oracle = parseAddress(options.oracle);
  return {
    gasPrices: () => getGasPrices(client),
    medianPrice: (pair, blockNumber) => getMedianPrice(client, { oracle, pair, blockNumber }),
  };
}

/** A client that asks only a node of the right network. */
export function createCheckedClient(options: RpcChainReaderOptions) {
  const expected = parseChainId(options.expectedChainId);
  const transport = createHttpTransport(options);
  const client = createJsonRpcClient(transport);
  let chainCheck: Promise<string> | undefined;

  async function checkChain(): Promise<string> {
    const actual = await getChainId(client);
    if (actual === expected) return actual;
    const message = `The Starknet node at ${transport.origin} serves ${actual}, not ${expected}.`;
    throw new ChainUnavailableError("wrong_chain", message, { retryable: false });
  }

  /** Runs a request against the right network only; concurrent callers share one check. */
  async function onExpectedChain<TResult>(send: (chainId: string) => Promise<TResult>): Promise<TResult> {
    chainCheck ??= checkChain();
    try {
      return await send(await chainCheck);
    } catch (error) {
      chainCheck = undefined;
      throw error;
    }
  }

  // The actions check their input before they send, so a malformed question fails without a node.
  const checkedClient: JsonRpcClient = {
    request: (request) => onExpectedChain(() => client.request(request)),
  };
  return { client: checkedClient, onExpectedChain };
}
