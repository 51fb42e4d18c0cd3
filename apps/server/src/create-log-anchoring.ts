import type { LogAnchoring } from "@obsqra/features";
import { createRpcLogAnchor } from "@obsqra/starknet";
import type { ServerInputs } from "./create-dependencies.ts";
import { readStrk } from "./env-values.ts";

/**
 * Anchors the transparency log's trees on Starknet, where a node, a contract and an account are configured. The account's key is only where
 * jobs run.
 */
export function createLogAnchoring({
  env,
  fetch,
}: Pick<ServerInputs, "env" | "fetch">): LogAnchoring | undefined {
  const { STARKNET_RPC_URL: url, STARKNET_CHAIN_ID: expectedChainId } = env;
  const { LOG_ANCHOR_CONTRACT: contract, LOG_ANCHOR_ACCOUNT: account, LOG_ANCHOR_KEY: privateKey } = env;
  if (url === undefined || contract === undefined || account === undefined) return undefined;
  const feeMax = readStrk(env.LOG_ANCHOR_FEE_MAX);
  const anchor = createRpcLogAnchor({ url, expectedChainId, fetch, contract, account, privateKey, feeMax });
  return { anchor, everyHours: env.LOG_ANCHOR_HOURS };
}
