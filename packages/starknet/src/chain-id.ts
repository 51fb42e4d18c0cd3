import { StarknetError } from "./errors.ts";
import { parseFelt } from "./felt.ts";
import { decodeShortString, encodeShortString } from "./short-string.ts";

/**
 * The ids of the public networks.
 * https://github.com/starknet-io/starknet.js/blob/develop/src/global/constants.ts (StarknetChainId)
 */
export const publicChainIds = { mainnet: "SN_MAIN", sepolia: "SN_SEPOLIA" } as const;

/**
 * The name of a chain id, written either as the name itself (`SN_SEPOLIA`) or as the felt a node returns
 * (`0x534e5f5345504f4c4941`). Private networks are fine: any non-empty printable short string without spaces.
 *
 * @throws StarknetError `INVALID_CHAIN_ID` when it is neither.
 */
export function parseChainId(text: string): string {
  const name = text.startsWith("0x") ? nameOfHex(text) : text;
  if (name === undefined || !/^[A-Za-z_][\x21-\x7e]{0,30}$/.test(name)) {
    throw new StarknetError("INVALID_CHAIN_ID", "A chain id is a name such as SN_MAIN, or its felt.");
  }
  return name;
}

/** The felt of a chain id, as `starknet_chainId` returns it. Accepts what {@link parseChainId} accepts. */
export function chainIdToFelt(text: string): bigint {
  return encodeShortString(parseChainId(text));
}

function nameOfHex(text: string): string | undefined {
  try {
    return decodeShortString(parseFelt(text));
  } catch {
    return undefined;
  }
}
