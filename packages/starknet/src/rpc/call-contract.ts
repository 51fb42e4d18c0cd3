import { z } from "zod";
import { parseAddress } from "../address.ts";
import type { NoContractCall } from "../chain-reader.ts";
import { toRpcFelt } from "../felt.ts";
import type { JsonRpcClient } from "./json-rpc-client.ts";
import type { BlockTag } from "./rpc-schema.ts";
import { rpcErrorCodes, rpcFelt } from "./rpc-schema.ts";

export interface CallContractParameters {
  contract: string;
  /** Of the entry point; see `entryPointSelector`. */
  selector: bigint;
  /** Felts. */
  calldata: readonly bigint[];
  /** @default "latest" */
  block?: BlockTag | { readonly block_number: number } | undefined;
}

/** What the entry point has returned, or why it has not. */
export type CallContractReturn = readonly bigint[] | NoContractCall;

/**
 * Calls an entry point of a contract without a transaction (`starknet_call`).
 *
 * @throws StarknetError `INVALID_ADDRESS`; ChainUnavailableError when the node gives no usable response.
 */
export async function callContract(
  client: JsonRpcClient,
  { contract, selector, calldata, block = "latest" }: CallContractParameters,
): Promise<CallContractReturn> {
  const outcome = await client.request({
    method: "starknet_call",
    params: {
      request: {
        contract_address: toRpcFelt(BigInt(parseAddress(contract))),
        entry_point_selector: toRpcFelt(selector),
        calldata: calldata.map(toRpcFelt),
      },
      block_id: block,
    },
    result: z.array(rpcFelt),
    expectedErrors: [
      rpcErrorCodes.contractNotFound,
      rpcErrorCodes.entryPointNotFound,
      rpcErrorCodes.contractError,
    ],
  });
  return outcome.ok ? outcome.result : (refusals.get(outcome.code) ?? "reverted");
}

const refusals: ReadonlyMap<number, NoContractCall> = new Map([
  [rpcErrorCodes.contractNotFound, "not_deployed"],
  [rpcErrorCodes.entryPointNotFound, "no_entry_point"],
]);
