import type { NoContractCall } from "../chain-reader.ts";
import { toCanonicalHex } from "../felt.ts";
import type { AnchorContractState } from "../log-anchor-port.ts";
import { callContract } from "../rpc/call-contract.ts";
import type { JsonRpcClient } from "../rpc/json-rpc-client.ts";
import { timestampMax } from "../rpc/rpc-schema.ts";
import { entryPointSelector } from "../selector.ts";

/**
 * Asks a contract such as contracts/log_anchor.cairo for its owner and its largest tree (`starknet_call`).
 *
 * @throws ChainUnavailableError when the node gives no usable response
 */
export async function readAnchorContract(
  client: JsonRpcClient,
  contract: string,
): Promise<AnchorContractState | NoContractCall | "malformed"> {
  const call = (selector: bigint, calldata: readonly bigint[] = []) =>
    callContract(client, { contract, selector, calldata });
  const owner = await call(selectors.owner);
  if (typeof owner === "string") return owner;
  const count = await call(selectors.count);
  if (typeof count === "string") return count;
  const [ownerFelt] = owner;
  const [countFelt] = count;
  if (ownerFelt === undefined || owner.length !== 1) return "malformed";
  if (countFelt === undefined || count.length !== 1 || countFelt > sizeMax) return "malformed";
  const state = { owner: toCanonicalHex(ownerFelt), count: Number(countFelt) };
  if (countFelt === 0n) return { ...state, newest: undefined };
  const anchor = await call(selectors.anchorAt, [countFelt - 1n]);
  if (typeof anchor === "string") return anchor;
  const [size = -1n, low = -1n, high = -1n, seconds = -1n, ...rest] = anchor;
  const isTree = size > 0n && size <= sizeMax && isHalf(low) && isHalf(high) && rest.length === 0;
  if (!isTree || seconds < 0n || seconds > BigInt(timestampMax)) return "malformed";
  const root = (high << 128n) | low;
  return { ...state, newest: { size: Number(size), root, anchoredAt: new Date(Number(seconds) * 1_000) } };
}

function isHalf(felt: bigint): boolean {
  return felt >= 0n && felt < 1n << 128n;
}

/** What a double holds exactly; no log is larger. */
const sizeMax = BigInt(Number.MAX_SAFE_INTEGER);

const selectors = {
  owner: entryPointSelector("owner"),
  count: entryPointSelector("count"),
  anchorAt: entryPointSelector("anchor_at"),
} as const;
