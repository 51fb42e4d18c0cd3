import { z } from "zod";
import { parseAddress } from "../address.ts";
import type { SignatureQuery, SignatureVerdict } from "../chain-reader.ts";
import { parseFelt, toRpcFelt } from "../felt.ts";
import { entryPointSelector } from "../selector.ts";
import { encodeShortString } from "../short-string.ts";
import { parseSignature } from "../signature.ts";
import type { JsonRpcClient } from "./json-rpc-client.ts";
import type { BlockTag } from "./rpc-schema.ts";
import { rpcErrorCodes, rpcFelt } from "./rpc-schema.ts";

export interface IsValidSignatureParameters extends SignatureQuery {
  /** @default "latest" */
  blockTag?: BlockTag;
}

export type IsValidSignatureReturn = SignatureVerdict;

/**
 * Asks an account contract whether it signed a hash (`starknet_call` of SNIP-6's `is_valid_signature`).
 * https://github.com/starknet-io/SNIPs/blob/main/SNIPS/snip-6.md
 *
 * Only a result of exactly one felt, 'VALID' or 1 (older accounts return a bool), counts as valid: any other felt,
 * such as 0xdeadbeef, and any revert is invalid.
 *
 * @throws StarknetError `INVALID_ADDRESS`, `INVALID_FELT`, `INVALID_SIGNATURE_FORMAT`; ChainUnavailableError when the node
 * gives no usable response.
 */
export async function isValidSignature(
  client: JsonRpcClient,
  { account, hash, signature, blockTag = "latest" }: IsValidSignatureParameters,
): Promise<IsValidSignatureReturn> {
  const felts = parseSignature(signature);
  const outcome = await client.request({
    method: "starknet_call",
    params: {
      request: {
        contract_address: toRpcFelt(BigInt(parseAddress(account))),
        entry_point_selector: toRpcFelt(isValidSignatureSelector),
        calldata: [toRpcFelt(parseFelt(hash)), toRpcFelt(BigInt(felts.length)), ...felts],
      },
      block_id: blockTag,
    },
    result: z.array(rpcFelt),
    expectedErrors: Object.values(rpcErrorCodes),
  });
  if (outcome.ok)
    return outcome.result.length === 1 && isAffirmative(outcome.result[0]) ? "valid" : "invalid";
  if (outcome.code === rpcErrorCodes.contractNotFound) return "not_deployed";
  if (outcome.code === rpcErrorCodes.entryPointNotFound) return "no_entry_point";
  return "invalid";
}

const isValidSignatureSelector = entryPointSelector("is_valid_signature");
const validFelt = encodeShortString("VALID");

function isAffirmative(felt: bigint | undefined): boolean {
  return felt === validFelt || felt === 1n;
}
