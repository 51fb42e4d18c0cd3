import { z } from "zod";
import type { TransactionOutcome } from "../chain-reader.ts";
import { parseTransactionHash, toCanonicalHex, toRpcFelt } from "../felt.ts";
import type { JsonRpcClient } from "./json-rpc-client.ts";
import { rpcErrorCodes, rpcFelt } from "./rpc-schema.ts";

/** A block on Starknet alone may still be replaced; so many that follow it, and it no longer is. */
const settledBlocks = 10;

// https://github.com/starkware-libs/starknet-specs/blob/master/api/starknet_api_openrpc.json (TXN_RECEIPT_WITH_BLOCK_INFO)
const settlement = {
  finality_status: z.enum(["PRE_CONFIRMED", "ACCEPTED_ON_L2", "ACCEPTED_ON_L1"]),
  execution_status: z.enum(["SUCCEEDED", "REVERTED"]),
  block_number: z.int().nonnegative().optional(),
  events: z.array(z.object({ from_address: rpcFelt })).optional(),
};

/** Of an account's deployment, the account is what was deployed, and only the receipt names it. */
const receipt = z.union([
  z.object({ ...settlement, type: z.literal("DEPLOY_ACCOUNT"), contract_address: rpcFelt }),
  z.object({ ...settlement, type: z.string().refine((type) => type !== "DEPLOY_ACCOUNT") }),
]);

/**
 * What an account has sent names it here. The `contract_address` of a message from L1 is that of the contract which receives it:
 * anybody can send one to any contract.
 */
const transaction = z.object({ sender_address: rpcFelt.optional() });

/**
 * Asks what became of a transaction (`starknet_getTransactionReceipt`, `starknet_getTransactionByHash`).
 *
 * @throws StarknetError for what is no hash; ChainUnavailableError when the node gives no usable response
 */
export async function getTransactionOutcome(
  client: JsonRpcClient,
  hash: string,
): Promise<TransactionOutcome> {
  const transaction_hash = toRpcFelt(BigInt(parseTransactionHash(hash)));
  const found = await client.request({
    method: "starknet_getTransactionReceipt",
    params: { transaction_hash },
    result: receipt,
    expectedErrors: [rpcErrorCodes.transactionHashNotFound],
  });
  if (!found.ok) return { status: "unknown" };
  const { finality_status, execution_status, block_number, events } = found.result;
  if (finality_status !== "ACCEPTED_ON_L1" && !(await isSettled(client, finality_status, block_number))) {
    return { status: "waiting" };
  }
  if (execution_status === "REVERTED") return { status: "reverted" };
  if ("contract_address" in found.result) return succeeded(found.result.contract_address, events);
  const sent = await client.request({
    method: "starknet_getTransactionByHash",
    params: { transaction_hash },
    result: transaction,
    expectedErrors: [rpcErrorCodes.transactionHashNotFound],
  });
  // Its block was replaced between the two questions.
  if (!sent.ok) return { status: "waiting" };
  return succeeded(sent.result.sender_address, events);
}

function succeeded(
  sender: bigint | undefined,
  events: readonly { readonly from_address: bigint }[] | undefined,
): TransactionOutcome {
  return {
    status: "succeeded",
    sender: sender === undefined ? undefined : toCanonicalHex(sender),
    contracts: events && new Set(events.map(({ from_address }) => toCanonicalHex(from_address))),
  };
}

async function isSettled(
  client: JsonRpcClient,
  finality: "PRE_CONFIRMED" | "ACCEPTED_ON_L2",
  block: number | undefined,
): Promise<boolean> {
  if (finality === "PRE_CONFIRMED" || block === undefined) return false;
  const head = await client.request({
    method: "starknet_blockNumber",
    params: {},
    result: z.int().nonnegative(),
    expectedErrors: [],
  });
  return head.ok && head.result - block >= settledBlocks;
}
