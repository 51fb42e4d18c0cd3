import type { IncomingHttpHeaders } from "node:http";
import { z } from "zod";
import { chainIdToFelt } from "../chain-id.ts";
import { toCanonicalHex, toRpcFelt } from "../felt.ts";
import { type FeltRiskParams, feltRiskScore } from "../risk-engine-felt.ts";
import { entryPointSelector } from "../selector.ts";
import type { FakeAccount } from "./fake-account.ts";
import { callIsValidSignature, entryPointNotFound } from "./fake-account.ts";
import { blockOf, callOracle, type FakeBlock, type FakeOracle } from "./fake-fees.ts";
import { rpcFelt as felt } from "./fake-invoke.ts";
import { callLogAnchor, type FakeLogAnchor } from "./fake-log-anchor.ts";
import { type FakeMempool, handleSending } from "./fake-mempool.ts";
import { testAccountClassHash } from "./test-wallet.ts";

/** A request as it arrived; `id` and `method` are null when the body was not a JSON-RPC request. */
export interface FakeRequest {
  id: number | string | null;
  method: string | null;
  params: unknown;
  headers: IncomingHttpHeaders;
}

/** What the fake node knows about its chain. Contracts are keyed by canonical address. */
export interface FakeChain {
  chainId: string;
  contracts: ReadonlyMap<string, FakeAccount>;
  /** RiskEngine contracts, by canonical address, with the weights that their owners have set. */
  riskEngines: ReadonlyMap<string, FeltRiskParams>;
  /** Contracts that keep trees of a log, by canonical address, with what they keep. */
  logAnchors: Map<string, FakeLogAnchor>;
  /** By canonical hash. */
  transactions: ReadonlyMap<string, FakeTransaction>;
  blockNumber: number;
  block: FakeBlock;
  /** Pragma oracles, by canonical address. */
  oracles: ReadonlyMap<string, FakeOracle>;
  mempool: FakeMempool;
}

type FakeTransactionType = "INVOKE" | "DECLARE" | "DEPLOY_ACCOUNT" | "L1_HANDLER";

/** A transaction that the chain has. */
export interface FakeTransaction {
  hash: string;
  /** Of an account's deployment, the account; of a message from L1, the contract that receives it. @default "INVOKE" */
  type?: FakeTransactionType;
  /** The account that sent it, or what stands in its place. */
  sender: string;
  /** @default "SUCCEEDED" */
  execution?: "SUCCEEDED" | "REVERTED";
  /** @default "ACCEPTED_ON_L2" */
  finality?: "PRE_CONFIRMED" | "ACCEPTED_ON_L2" | "ACCEPTED_ON_L1";
  /** Those that have an event in it. @default none */
  contracts?: readonly string[];
  /** @default the newest block */
  block?: number;
}

/** Reads a body; a body that is not a JSON-RPC request gives nulls, for which `handleRpc` returns error -32600. */
export function readRequest(body: string, headers: IncomingHttpHeaders): FakeRequest {
  const parsed = requestSchema.safeParse(parseJson(body));
  if (!parsed.success) return { id: null, method: null, params: undefined, headers };
  return { id: parsed.data.id, method: parsed.data.method, params: parsed.data.params, headers };
}

/** The JSON-RPC response to a request, in the specification's shapes. */
export function handleRpc(request: FakeRequest, chain: FakeChain): unknown {
  return { jsonrpc: "2.0", id: request.id, ...outcomeOf(request, chain) };
}

/** What a method gives. */
export type Outcome = { result: unknown } | { error: { code: number; message: string; data?: unknown } };

function outcomeOf({ method, params }: FakeRequest, chain: FakeChain): Outcome {
  switch (method) {
    case null:
      return { error: { code: -32600, message: "Invalid Request" } };
    case "starknet_chainId":
      return { result: toRpcFelt(chainIdToFelt(chain.chainId)) };
    case "starknet_getClassHashAt":
      return withParams(getClassHashAtParams, params, ({ contract_address }) => {
        const contract = chain.contracts.get(toCanonicalHex(BigInt(contract_address)));
        if (contract === undefined) return contractNotFound();
        return { result: toRpcFelt(BigInt(contract.classHash ?? testAccountClassHash)) };
      });
    case "starknet_blockNumber":
      return { result: chain.blockNumber };
    case "starknet_getBlockWithTxHashes":
      return withParams(blockParams, params, () => ({ result: blockOf(chain.block, chain.blockNumber) }));
    case "starknet_getTransactionReceipt":
      return withParams(transactionParams, params, ({ transaction_hash }) => {
        const found = chain.transactions.get(toCanonicalHex(BigInt(transaction_hash)));
        return found === undefined ? transactionNotFound() : { result: receiptOf(found, chain) };
      });
    case "starknet_getTransactionByHash":
      return withParams(transactionParams, params, ({ transaction_hash }) => {
        const found = chain.transactions.get(toCanonicalHex(BigInt(transaction_hash)));
        return found === undefined ? transactionNotFound() : { result: transactionOf(found) };
      });
    case "starknet_call":
      return withParams(callParams, params, ({ request }) => {
        const contract = chain.contracts.get(toCanonicalHex(BigInt(request.contract_address)));
        const selector = BigInt(request.entry_point_selector);
        const riskEngine = chain.riskEngines.get(toCanonicalHex(BigInt(request.contract_address)));
        if (riskEngine !== undefined) {
          if (selector !== riskScoreSelector) return entryPointNotFound();
          return callRiskEngine(riskEngine, request.calldata);
        }
        const anchors = chain.logAnchors.get(toCanonicalHex(BigInt(request.contract_address)));
        if (anchors !== undefined) return callLogAnchor(anchors, selector, request.calldata);
        const oracle = chain.oracles.get(toCanonicalHex(BigInt(request.contract_address)));
        if (oracle !== undefined) return callOracle(oracle, selector, request.calldata);
        if (contract === undefined) return contractNotFound();
        if (selector !== isValidSignatureSelector) return entryPointNotFound();
        return callIsValidSignature(contract, request.calldata);
      });
    default: {
      const sending = handleSending(method, params, chain);
      if (sending === undefined) return { error: { code: -32601, message: "Method not found" } };
      return sending.outcome ?? invalidParams();
    }
  }
}

const riskScoreSelector = entryPointSelector("calculate_risk_score");
const isValidSignatureSelector = entryPointSelector("is_valid_signature");

const hash = { block_hash: felt };
const number = { block_number: z.int().min(0) };
const blockId = z.union([
  z.enum(["latest", "pre_confirmed", "l1_accepted"]),
  z.strictObject(hash),
  z.strictObject(number),
]);
const functionCall = z.strictObject({
  contract_address: felt,
  entry_point_selector: felt,
  calldata: z.array(felt),
});
const callParams = z.strictObject({ request: functionCall, block_id: blockId });
const getClassHashAtParams = z.strictObject({ block_id: blockId, contract_address: felt });
const blockParams = z.strictObject({ block_id: blockId });
const transactionParams = z.strictObject({ transaction_hash: felt });
const requestSchema = z.object({
  jsonrpc: z.literal("2.0"),
  id: z.union([z.number(), z.string()]),
  method: z.string(),
  params: z.unknown().optional(),
});

function withParams<TParams>(
  schema: z.ZodType<TParams>,
  params: unknown,
  handle: (params: TParams) => Outcome,
): Outcome {
  const parsed = schema.safeParse(params);
  return parsed.success ? handle(parsed.data) : invalidParams();
}

function invalidParams(): Outcome {
  return { error: { code: -32602, message: "Invalid params" } };
}

/** Runs `calculate_risk_score` in the contract's felt arithmetic. */
function callRiskEngine(params: FeltRiskParams, calldata: readonly string[]): Outcome {
  const [utilization, volatility, liquidity, audit_score, age_days, ...rest] = calldata.map(BigInt);
  if (
    utilization === undefined ||
    volatility === undefined ||
    liquidity === undefined ||
    audit_score === undefined ||
    age_days === undefined ||
    rest.length > 0
  ) {
    return { error: { code: 40, message: "Contract error", data: { revert_error: "Input too short" } } };
  }
  const metrics = { utilization, volatility, liquidity, audit_score, age_days };
  return { result: [toRpcFelt(feltRiskScore(metrics, params))] };
}

/** A receipt with its block, as the specification has it. */
function receiptOf(transaction: FakeTransaction, chain: FakeChain): unknown {
  const { execution = "SUCCEEDED", finality = "ACCEPTED_ON_L2", block = chain.blockNumber } = transaction;
  const { type = "INVOKE", sender } = transaction;
  return {
    type,
    transaction_hash: toRpcFelt(BigInt(transaction.hash)),
    actual_fee: { amount: "0x1", unit: "FRI" },
    execution_status: execution,
    finality_status: finality,
    ...(execution === "REVERTED" ? { revert_reason: "argent/multicall-failed" } : {}),
    block_hash: toRpcFelt(BigInt(block)),
    block_number: block,
    messages_sent: [],
    events: (transaction.contracts ?? []).map((contract) => ({
      from_address: toRpcFelt(BigInt(contract)),
      keys: ["0x1"],
      data: [],
    })),
    execution_resources: { l1_gas: 0, l1_data_gas: 1, l2_gas: 1 },
    ...(type === "DEPLOY_ACCOUNT" ? { contract_address: toRpcFelt(BigInt(sender)) } : {}),
    ...(type === "L1_HANDLER" ? { message_hash: toRpcFelt(BigInt(transaction.hash)) } : {}),
  };
}

/** The fields of each type that tell whose it is, and some that do not, as the specification has them. */
function transactionOf(transaction: FakeTransaction): unknown {
  const { hash, sender } = transaction;
  const type: FakeTransactionType = transaction.type ?? "INVOKE";
  const common = { type, version: "0x3", transaction_hash: toRpcFelt(BigInt(hash)), nonce: "0x0" };
  const address = toRpcFelt(BigInt(sender));
  switch (type) {
    case "INVOKE":
      return { ...common, sender_address: address, calldata: [], signature: [] };
    case "DECLARE":
      return { ...common, sender_address: address, class_hash: "0x1", signature: [] };
    case "DEPLOY_ACCOUNT":
      return {
        ...common,
        contract_address_salt: "0x1",
        constructor_calldata: [],
        class_hash: "0x1",
        signature: [],
      };
    case "L1_HANDLER":
      return {
        ...common,
        version: "0x0",
        contract_address: address,
        entry_point_selector: "0x1",
        calldata: [],
      };
  }
}

function transactionNotFound(): Outcome {
  return { error: { code: 29, message: "Transaction hash not found" } };
}

function contractNotFound(): Outcome {
  return { error: { code: 20, message: "Contract not found" } };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
