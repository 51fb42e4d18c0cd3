import { createRpcFeeReader, type FeeReader, parseChainId, pragmaMainnetAddress } from "@obsqra/starknet";
import type { ServerInputs } from "./create-dependencies.ts";

/** Reads what fees cost, where a node and an oracle are configured; on the main network the oracle is Pragma's own, unless another is. */
export function createFees({ env, fetch }: Pick<ServerInputs, "env" | "fetch">): FeeReader | undefined {
  const { STARKNET_RPC_URL: url, STARKNET_CHAIN_ID: expectedChainId } = env;
  const isMainnet = parseChainId(expectedChainId) === "SN_MAIN";
  const oracle = env.PRICE_ORACLE_ADDRESS ?? (isMainnet ? pragmaMainnetAddress : "none");
  if (url === undefined || oracle === "none") return undefined;
  return createRpcFeeReader({ url, oracle, expectedChainId, fetch });
}
