import { createRpcChainReader, type RpcChainReaderOptions, type TypedData } from "@obsqra/starknet";
import {
  type FakeNode,
  type FakeNodeOptions,
  startFakeNode,
  type TestWallet,
} from "@obsqra/starknet/testing";
import type { createCaller } from "../root.ts";
import { createTestApi, type TestApi } from "./create-test-api.ts";

type Caller = ReturnType<typeof createCaller>;

/** The whole API with a schema-valid fake node, over HTTP. */
export interface ChainTestApi extends TestApi {
  readonly node: FakeNode;
}

/** Builds the API with a fake node of its own; use with `await using`. The node's failures are not waited out. */
export async function createChainTestApi(
  options: FakeNodeOptions = {},
  reader: Partial<RpcChainReaderOptions> = {},
): Promise<ChainTestApi> {
  const node = await startFakeNode(options);
  const chain = createRpcChainReader({
    url: node.url,
    expectedChainId: "SN_SEPOLIA",
    fetch,
    retries: 0,
    ...reader,
  });
  const api = await createTestApi({ chain });
  return {
    ...api,
    node,
    [Symbol.asyncDispose]: async () => {
      await api[Symbol.asyncDispose]();
      await node[Symbol.asyncDispose]();
    },
  };
}

/** Asks for a challenge and signs it as the wallet would: the input of `connect_wallet`. */
export async function signChallenge(caller: Caller, wallet: TestWallet) {
  const { challenge_id, typed_data } = await caller.auth.wallet_challenge({ wallet_address: wallet.address });
  // The contract describes typed data more loosely than the library that hashes it.
  const signature = wallet.sign(typed_data as TypedData);
  return { challenge_id, wallet_address: wallet.address, signature };
}

/** Links a wallet whose account is deployed. */
export async function link(caller: Caller, wallet: TestWallet) {
  return caller.auth.connect_wallet(await signChallenge(caller, wallet));
}

/** Links a wallet whose account is not deployed. */
export async function linkCounterfactual(caller: Caller, wallet: TestWallet) {
  return caller.auth.connect_wallet({
    ...(await signChallenge(caller, wallet)),
    deployment: { ...wallet.deployment, constructor_calldata: [...wallet.deployment.constructor_calldata] },
  });
}
