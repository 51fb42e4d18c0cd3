import { z } from "zod";
import { toCanonicalHex, toRpcFelt } from "../felt.ts";
import type { AnchorSending, AnchorTransaction, AnchorTransactionStatus } from "../log-anchor-port.ts";
import type { JsonRpcClient } from "../rpc/json-rpc-client.ts";
import { rpcErrorCodes, rpcFelt } from "../rpc/rpc-schema.ts";
import { type GasBounds, type SignedInvoke, signInvoke, type UnsignedInvoke } from "./sign-invoke.ts";

/** Who sends, and what it may cost. */
export interface Sender {
  /** A felt. */
  readonly account: bigint;
  readonly privateKey: string;
  /** Of one transaction, in fri. */
  readonly feeMax: bigint;
}

/**
 * Calls a contract by a transaction: with the account's next nonce, and half as much gas, at half as high a price again, as the node
 * estimates. A transaction that waits is replaced by one that offers a quarter more at least; nodes want a tenth.
 *
 * @throws ChainUnavailableError when the node gives no usable response
 */
export async function sendInvoke(
  client: JsonRpcClient,
  call: Pick<UnsignedInvoke, "call" | "chainId">,
  { account, privateKey, feeMax }: Sender,
  replaced?: AnchorTransaction,
): Promise<AnchorSending> {
  const nonce = await getNonce(client, account);
  if (nonce === undefined) return { status: "no_account" };
  const unsigned = { ...call, account, nonce };
  const bounds = await estimate(
    client,
    await signInvoke({ ...unsigned, tip: 0n, bounds: noBounds, isQuery: true }, privateKey),
  );
  if (bounds === undefined) return { status: "refused" };
  // One whose nonce is used is in a block, or will never be.
  const waiting = replaced?.nonce === nonce ? replaced : undefined;
  const tip = waiting === undefined ? 0n : quarterMore(waiting.tip);
  const l2Price = max(bounds.l2Gas.price, waiting === undefined ? 0n : quarterMore(waiting.l2_gas_price_max));
  const offered = { ...bounds, l2Gas: { ...bounds.l2Gas, price: l2Price } };
  const fee_max = feeOf(offered, tip);
  if (fee_max > feeMax) return { status: "too_expensive", fee_max };
  const signed = await signInvoke({ ...unsigned, tip, bounds: offered, isQuery: false }, privateKey);
  const refusal = await add(client, signed);
  if (refusal !== undefined) return { status: refusal, fee_max };
  const transaction_hash = toCanonicalHex(signed.hash);
  return {
    status: "sent",
    transaction: { transaction_hash, nonce, l2_gas_price_max: l2Price, tip, fee_max },
  };
}

/** What became of a transaction (`starknet_getTransactionStatus`). */
export async function getStatus(
  client: JsonRpcClient,
  transactionHash: string,
): Promise<AnchorTransactionStatus> {
  const found = await client.request({
    method: "starknet_getTransactionStatus",
    params: { transaction_hash: toRpcFelt(BigInt(transactionHash)) },
    result: transactionStatus,
    expectedErrors: [rpcErrorCodes.transactionHashNotFound],
  });
  if (!found.ok) return "unknown";
  const { finality_status, execution_status } = found.result;
  // Nodes of 0.8 say REJECTED of what will never be in a block.
  if (finality_status === "REJECTED") return "unknown";
  if (!finality_status.startsWith("ACCEPTED_ON_")) return "waiting";
  return execution_status === "REVERTED" ? "reverted" : "included";
}

// https://github.com/starkware-libs/starknet-specs/blob/master/api/starknet_api_openrpc.json (TXN_STATUS_RESULT)
const transactionStatus = z.object({
  finality_status: z.enum([
    "RECEIVED",
    "REJECTED",
    "CANDIDATE",
    "PRE_CONFIRMED",
    "ACCEPTED_ON_L2",
    "ACCEPTED_ON_L1",
  ]),
  execution_status: z.enum(["SUCCEEDED", "REVERTED"]).optional(),
});

/** @returns undefined where there is no contract */
async function getNonce(client: JsonRpcClient, account: bigint): Promise<bigint | undefined> {
  const found = await client.request({
    method: "starknet_getNonce",
    params: { block_id: "latest", contract_address: toRpcFelt(account) },
    result: rpcFelt,
    expectedErrors: [rpcErrorCodes.contractNotFound],
  });
  return found.ok ? found.result : undefined;
}

const feeEstimate = z.object({
  l1_gas_consumed: rpcFelt,
  l1_gas_price: rpcFelt,
  l2_gas_consumed: rpcFelt,
  l2_gas_price: rpcFelt,
  l1_data_gas_consumed: rpcFelt,
  l1_data_gas_price: rpcFelt,
  unit: z.literal("FRI"),
});

/** @returns undefined where the transaction would fail */
async function estimate(client: JsonRpcClient, query: SignedInvoke): Promise<GasBounds | undefined> {
  const found = await client.request({
    method: "starknet_estimateFee",
    params: { request: [query.transaction], simulation_flags: [], block_id: "latest" },
    result: z.tuple([feeEstimate]),
    expectedErrors: [rpcErrorCodes.contractError, rpcErrorCodes.transactionExecutionError],
  });
  if (!found.ok) return undefined;
  const [{ l1_gas_consumed, l1_gas_price, l2_gas_consumed, l2_gas_price, ...data }] = found.result;
  return {
    l1Gas: { amount: halfMore(l1_gas_consumed), price: halfMore(l1_gas_price) },
    l2Gas: { amount: halfMore(l2_gas_consumed), price: halfMore(l2_gas_price) },
    l1DataGas: { amount: halfMore(data.l1_data_gas_consumed), price: halfMore(data.l1_data_gas_price) },
  };
}

/** @returns why the node does not take it; undefined where it does, or has it already */
async function add(
  client: JsonRpcClient,
  { transaction }: SignedInvoke,
): Promise<"no_funds" | "refused" | "nonce_used" | undefined> {
  const added = await client.request({
    method: "starknet_addInvokeTransaction",
    params: { invoke_transaction: transaction },
    result: z.object({ transaction_hash: rpcFelt }),
    expectedErrors: [...Object.keys(addRefusals).map(Number), ...alreadyThere],
  });
  if (added.ok || alreadyThere.has(added.code)) return undefined;
  return addRefusals[added.code];
}

/** Another try has sent it, or another transaction with its nonce that offers as much: wait for it as for this one. */
const alreadyThere: ReadonlySet<number> = new Set([
  rpcErrorCodes.duplicateTransaction,
  rpcErrorCodes.replacementUnderpriced,
]);

const addRefusals: Readonly<Record<number, "no_funds" | "refused" | "nonce_used">> = {
  [rpcErrorCodes.invalidTransactionNonce]: "nonce_used",
  [rpcErrorCodes.insufficientResources]: "refused",
  [rpcErrorCodes.insufficientBalance]: "no_funds",
  [rpcErrorCodes.validationFailure]: "refused",
  [rpcErrorCodes.feeBelowMinimum]: "refused",
};

const noBounds: GasBounds = {
  l1Gas: { amount: 0n, price: 0n },
  l2Gas: { amount: 0n, price: 0n },
  l1DataGas: { amount: 0n, price: 0n },
};

/** A tip is paid for each unit of L2 gas. */
function feeOf({ l1Gas, l2Gas, l1DataGas }: GasBounds, tip: bigint): bigint {
  return l1Gas.amount * l1Gas.price + l2Gas.amount * (l2Gas.price + tip) + l1DataGas.amount * l1DataGas.price;
}

function halfMore(value: bigint): bigint {
  return (value * 3n + 1n) / 2n;
}

function quarterMore(value: bigint): bigint {
  return (value * 5n) / 4n + 1n;
}

function max(one: bigint, other: bigint): bigint {
  return one > other ? one : other;
}
