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
 * @throws ChainUnavailableError when the node gives no usable answer.
 */
export async function getChainId(client: JsonRpcClient): Promise<GetChainIdReturn> {
  const outcome = await client.request({
    method: "starknet_chainId",
    params: {},
    result: chainIdResult,
    answers: [],
  });
  // No error is an answer to this question, so the client has thrown for every one.
  if (!outcome.ok) throw new TypeError(`Error ${outcome.code} reached starknet_chainId as an answer.`);
  return outcome.result;
}
