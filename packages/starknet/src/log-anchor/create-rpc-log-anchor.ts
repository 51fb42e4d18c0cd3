import { parseAddress } from "../address.ts";
import { chainIdToFelt } from "../chain-id.ts";
import type { LogAnchor } from "../log-anchor-port.ts";
import { createCheckedClient, type RpcChainReaderOptions } from "../rpc/create-rpc-chain-reader.ts";
import { readAnchorContract } from "./read-anchor-contract.ts";
import { getStatus, sendInvoke } from "./send-invoke.ts";

export interface RpcLogAnchorOptions extends Omit<RpcChainReaderOptions, "blockTag"> {
  /** Address of the contract that keeps the trees, in any spelling `parseAddress` accepts. */
  contract: string;
  /** Address of the account that owns it, which has one Stark key and is deployed. */
  account: string;
  /** That key, `0x` hex; undefined where nothing is ever sent from here. */
  privateKey: string | undefined;
  /** What one transaction may cost, in fri: 10^-18 STRK. */
  feeMax: bigint;
}

/**
 * A {@link LogAnchor} over a node's JSON-RPC HTTP interface (specification 0.8 to 0.10), with the same checks as `createRpcChainReader`.
 *
 * @throws StarknetError `INVALID_CHAIN_ID`, `INVALID_ADDRESS`, or TypeError for a URL that is not http(s).
 */
export function createRpcLogAnchor(options: RpcLogAnchorOptions): LogAnchor {
  const { client } = createCheckedClient(options);
  const contract = parseAddress(options.contract);
  const account = parseAddress(options.account);
  const chainId = chainIdToFelt(options.expectedChainId);
  const { privateKey, feeMax } = options;
  return {
    contract,
    account,
    canSend: privateKey !== undefined,
    state: () => readAnchorContract(client, contract),
    status: (transactionHash) => getStatus(client, transactionHash),
    send: async ({ size, root }, replaced) => {
      if (privateKey === undefined) throw new TypeError("There is no key to sign with.");
      // A u64, and a u256 as its lower and its upper half.
      const calldata = [BigInt(size), root & (2n ** 128n - 1n), root >> 128n];
      const call = { contract: BigInt(contract), entryPoint: "anchor", calldata };
      return sendInvoke(
        client,
        { call, chainId },
        { account: BigInt(account), privateKey, feeMax },
        replaced,
      );
    },
  };
}
