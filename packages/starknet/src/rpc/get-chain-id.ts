import { z } from "zod";
import { parseChainId } from "../chain-id.ts";
import type { JsonRpcClient } from "./json-rpc-client.ts";

/** The name of the node's network, such as `SN_SEPOLIA`. */
export type GetChainIdReturn = string;

const chainIdResult = z.string().transform((text, ctx) => {
  try {
    return parseChainId(text);
  } catch {
    ctx.addIssue({ code: "custom", message: "not a chain id" });
    return z.NEVER;
  }
});

/**
 * Asks which network the node serves (`starknet_chainId`).
 *
 * @throws ChainUnavailableError when the node gives no usable response.
 */
export async function getChainId(client: JsonRpcClient): Promise<GetChainIdReturn> {
  const outcome = await client.request({
    method: "starknet_chainId",
    params: {},
    result: chainIdResult,
    expectedErrors: [],
  });
  // No error is expected here, so the client has thrown for every one.
  if (!outcome.ok) throw new TypeError(`Error ${outcome.code} of starknet_chainId was not thrown.`);
  return outcome.result;
}
