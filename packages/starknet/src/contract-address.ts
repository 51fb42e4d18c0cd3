import { computeHashOnElements } from "@scure/starknet";
import { addressBound } from "./address.ts";
import { parseFelt, toCanonicalHex } from "./felt.ts";
import { encodeShortString } from "./short-string.ts";

/** How an account is going to be deployed: everything its address is made from, as `0x` hex. */
export interface AccountDeployment {
  readonly class_hash: string;
  readonly salt: string;
  readonly constructor_calldata: readonly string[];
  /** 0x0 when the account deploys itself, which is the usual way. */
  readonly deployer_address: string;
}

/**
 * The canonical address that a deployment leads to.
 * https://docs.starknet.io/learn/protocol/contract-address
 *
 * @throws StarknetError `INVALID_FELT` when a part of the deployment is not a felt.
 */
export function calculateContractAddress(deployment: AccountDeployment): string {
  const hash = computeHashOnElements([
    encodeShortString("STARKNET_CONTRACT_ADDRESS"),
    parseFelt(deployment.deployer_address),
    parseFelt(deployment.salt),
    parseFelt(deployment.class_hash),
    computeHashOnElements(deployment.constructor_calldata.map(parseFelt)).toString(),
  ]);
  return toCanonicalHex(BigInt(hash.toString()) % addressBound);
}
