import { z } from "zod";
import { chainIdToFelt } from "../chain-id.ts";
import { toCanonicalHex, toRpcFelt } from "../felt.ts";
import type { FakeBlock } from "./fake-fees.ts";
import {
  type BroadcastedInvoke,
  broadcastedInvoke,
  callIn,
  feeMaxOf,
  hashInvoke,
  isSignedBy,
  rpcFelt,
} from "./fake-invoke.ts";
import { runAnchor } from "./fake-log-anchor.ts";
import type { FakeChain, FakeTransaction, Outcome } from "./fake-rpc.ts";

/** What accounts have sent, and what is not in a block yet. */
export interface FakeMempool {
  /** By account, as canonical felts. */
  readonly nonces: Map<string, bigint>;
  /** In fri, of accounts that have not enough for anything. */
  readonly balances: Map<string, bigint>;
  /** By account and nonce. */
  readonly waiting: Map<string, BroadcastedInvoke>;
}

/** What the account's transactions use of each kind of gas. */
const consumed = { l1Gas: 0n, l2Gas: 1_800_000n, l1DataGas: 320n } as const;

const addParams = z.strictObject({ invoke_transaction: broadcastedInvoke });
const nonceParams = z.strictObject({ block_id: z.literal("latest"), contract_address: rpcFelt });
const estimateParams = z.strictObject({
  request: z.tuple([broadcastedInvoke]),
  simulation_flags: z.array(z.literal("SKIP_VALIDATE")),
  block_id: z.literal("latest"),
});
const statusParams = z.strictObject({ transaction_hash: rpcFelt });

/** The methods by which accounts send. @returns undefined for every other one */
export function handleSending(
  method: string,
  params: unknown,
  chain: FakeChain,
): { outcome: Outcome | undefined } | undefined {
  switch (method) {
    case "starknet_getNonce":
      return read(nonceParams, params, ({ contract_address }) => {
        const account = toCanonicalHex(BigInt(contract_address));
        if (!chain.contracts.has(account)) return error(20, "Contract not found");
        return { result: toRpcFelt(nonceOf(account, chain)) };
      });
    case "starknet_estimateFee":
      return read(estimateParams, params, ({ request: [invoke] }) => estimateFee(invoke, chain));
    case "starknet_addInvokeTransaction":
      return read(addParams, params, ({ invoke_transaction }) => addInvoke(invoke_transaction, chain));
    case "starknet_getTransactionStatus":
      return read(statusParams, params, ({ transaction_hash }) => statusOf(BigInt(transaction_hash), chain));
    default:
      return undefined;
  }
}

/** Runs what waits, as a block does. @returns the transactions, by their hashes */
export function runWaiting(chain: FakeChain): FakeTransaction[] {
  const { nonces, waiting } = chain.mempool;
  const run = [...waiting.values()].map((invoke): FakeTransaction => {
    const sender = toCanonicalHex(BigInt(invoke.sender_address));
    nonces.set(sender, BigInt(invoke.nonce) + 1n);
    const kept = execute(invoke, chain);
    const hash = toCanonicalHex(hashInvoke(invoke, chainIdToFelt(chain.chainId)));
    if (typeof kept === "string") return { hash, sender, execution: "REVERTED" };
    chain.logAnchors.set(kept.address, kept.contract);
    return { hash, sender, contracts: [kept.address] };
  });
  waiting.clear();
  return run;
}

function estimateFee(invoke: BroadcastedInvoke, chain: FakeChain): Outcome {
  const failed = (execution_error: string) =>
    error(41, "Transaction execution error", { transaction_index: 0, execution_error });
  if (!isSigned(invoke, chain)) return failed("argent/invalid-signature");
  const kept = execute(invoke, chain);
  if (typeof kept === "string") return failed(kept);
  const { l1GasFri, l2GasFri, l1DataGasFri } = chain.block;
  const { l1Gas, l2Gas, l1DataGas } = consumed;
  const overall = l1Gas * l1GasFri + l2Gas * l2GasFri + l1DataGas * l1DataGasFri;
  return {
    result: [
      {
        l1_gas_consumed: toRpcFelt(l1Gas),
        l1_gas_price: toRpcFelt(l1GasFri),
        l2_gas_consumed: toRpcFelt(l2Gas),
        l2_gas_price: toRpcFelt(l2GasFri),
        l1_data_gas_consumed: toRpcFelt(l1DataGas),
        l1_data_gas_price: toRpcFelt(l1DataGasFri),
        overall_fee: toRpcFelt(overall),
        unit: "FRI",
      },
    ],
  };
}

function addInvoke(invoke: BroadcastedInvoke, chain: FakeChain): Outcome {
  const { waiting, balances } = chain.mempool;
  const sender = toCanonicalHex(BigInt(invoke.sender_address));
  const place = `${sender} ${BigInt(invoke.nonce)}`;
  const hash = hashInvoke(invoke, chainIdToFelt(chain.chainId));
  if (!chain.contracts.has(sender)) return error(58, "Sender address is not an account contract");
  if (invoke.version !== "0x3") return error(61, "the transaction version is not supported");
  if (!isSigned(invoke, chain)) return error(55, "Account validation failed", "argent/invalid-signature");
  if (BigInt(invoke.nonce) !== nonceOf(sender, chain)) return error(52, "Invalid transaction nonce", "");
  if (!isEnough(invoke, chain.block)) return error(53, "The transaction's resources don't cover validation");
  const balance = balances.get(sender);
  if (balance !== undefined && feeMaxOf(invoke) > balance) return error(54, "Account balance is smaller");
  const before = waiting.get(place);
  if (before !== undefined) {
    if (hashInvoke(before, chainIdToFelt(chain.chainId)) === hash)
      return error(59, "A transaction with the same hash already exists in the mempool");
    if (!isTenthMore(invoke, before)) return error(64, "Replacement transaction is underpriced");
  }
  waiting.set(place, invoke);
  return { result: { transaction_hash: toRpcFelt(hash) } };
}

function statusOf(hash: bigint, chain: FakeChain): Outcome {
  const found = chain.transactions.get(toCanonicalHex(hash));
  if (found !== undefined) {
    const { finality = "ACCEPTED_ON_L2", execution = "SUCCEEDED" } = found;
    return { result: { finality_status: finality, execution_status: execution } };
  }
  const isWaiting = [...chain.mempool.waiting.values()].some(
    (invoke) => hashInvoke(invoke, chainIdToFelt(chain.chainId)) === hash,
  );
  return isWaiting ? { result: { finality_status: "RECEIVED" } } : error(29, "Transaction hash not found");
}

/** @returns what the contract keeps then, or why it reverts */
function execute(invoke: BroadcastedInvoke, chain: FakeChain) {
  const call = callIn(invoke);
  const address = toCanonicalHex(call?.contract ?? 0n);
  const contract = chain.logAnchors.get(address);
  if (call === undefined || contract === undefined) return "CONTRACT_NOT_DEPLOYED";
  const timestamp = Math.floor(chain.block.time.getTime() / 1_000);
  const kept = runAnchor(contract, { ...call, caller: BigInt(invoke.sender_address), timestamp });
  return typeof kept === "string" ? kept : { address, contract: kept };
}

function isSigned(invoke: BroadcastedInvoke, chain: FakeChain): boolean {
  const account = chain.contracts.get(toCanonicalHex(BigInt(invoke.sender_address)));
  return account !== undefined && isSignedBy(account.publicKey, invoke, chainIdToFelt(chain.chainId));
}

function isEnough({ resource_bounds }: BroadcastedInvoke, block: FakeBlock): boolean {
  const { l2_gas, l1_data_gas } = resource_bounds;
  return (
    BigInt(l2_gas.max_amount) >= consumed.l2Gas &&
    BigInt(l2_gas.max_price_per_unit) >= block.l2GasFri &&
    BigInt(l1_data_gas.max_amount) >= consumed.l1DataGas &&
    BigInt(l1_data_gas.max_price_per_unit) >= block.l1DataGasFri
  );
}

/** As nodes want it of what replaces a transaction. */
function isTenthMore(invoke: BroadcastedInvoke, before: BroadcastedInvoke): boolean {
  const priceOf = ({ resource_bounds }: BroadcastedInvoke) =>
    BigInt(resource_bounds.l2_gas.max_price_per_unit);
  return (
    priceOf(invoke) * 10n >= priceOf(before) * 11n && BigInt(invoke.tip) * 10n >= BigInt(before.tip) * 11n
  );
}

function nonceOf(account: string, { mempool }: FakeChain): bigint {
  return mempool.nonces.get(account) ?? 0n;
}

function error(code: number, message: string, data?: unknown): Outcome {
  return { error: { code, message, ...(data === undefined ? {} : { data }) } };
}

/** @returns the outcome as undefined where the parameters are none of the method's */
function read<TParams>(
  schema: z.ZodType<TParams>,
  params: unknown,
  handle: (params: TParams) => Outcome,
): { outcome: Outcome | undefined } {
  const parsed = schema.safeParse(params);
  return { outcome: parsed.success ? handle(parsed.data) : undefined };
}
