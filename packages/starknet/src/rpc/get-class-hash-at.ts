import { parseAddress } from "../address.ts";
import { toCanonicalHex, toRpcFelt } from "../felt.ts";
import type { JsonRpcClient } from "./json-rpc-client.ts";
import type { BlockTag } from "./rpc-schema.ts";
import { rpcErrorCodes, rpcFelt } from "./rpc-schema.ts";

export interface GetClassHashAtParameters {
  address: string;
  /** @default "latest" */
  blockTag?: BlockTag;
}

/** The class hash as a canonical felt; `undefined` when no contract is deployed at the address. */
export type GetClassHashAtReturn = string | undefined;

/**
 * Asks for the class of the contract at an address (`starknet_getClassHashAt`).
 *
 * @throws StarknetError `INVALID_ADDRESS`; ChainUnavailableError when the node gives no usable response.
 */
export async function getClassHashAt(
  client: JsonRpcClient,
  { address, blockTag = "latest" }: GetClassHashAtParameters,
): Promise<GetClassHashAtReturn> {
  const outcome = await client.request({
    method: "starknet_getClassHashAt",
    params: { block_id: blockTag, contract_address: toRpcFelt(BigInt(parseAddress(address))) },
    result: rpcFelt,
    expectedErrors: [rpcErrorCodes.contractNotFound],
  });
  return outcome.ok ? toCanonicalHex(outcome.result) : undefined;
}
