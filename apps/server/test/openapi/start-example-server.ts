import type { ApiDependencies } from "@obsqra/features";
import { type CallLimiter, createCallLimiter, createLimitPolicies } from "@obsqra/platform";
import { createKnownBytes } from "@obsqra/platform/testing";
import { createRpcChainReader } from "@obsqra/starknet";
import { createTestWallet, startFakeNode, type TestWallet } from "@obsqra/starknet/testing";
import { startTestServer, type TestServer } from "../wire/start-test-server.ts";

/** A server whose responses are the same each time it is started and asked the same: clock, ids and tokens included. */
export interface ExampleServer extends TestServer {
  /** Of an account that is deployed. */
  readonly wallet: TestWallet;
}

/** Starts a server with simulated history, forecasts and a Starknet node that is not the real one. */
export async function startExampleServer(): Promise<ExampleServer> {
  const stack = new AsyncDisposableStack();
  const wallet = createTestWallet({ privateKey: "0x1234567890abcdef" });
  const node = stack.use(await startFakeNode({ accounts: [wallet.account] }));
  const chain = createRpcChainReader({ url: node.url, expectedChainId: "SN_SEPOLIA", fetch, retries: 0 });
  const randomBytes = createKnownBytes("examples");
  const options = { withForecasts: true, chain, randomBytes, createCallLimiter: createTimelessLimiter };
  const server = stack.use(await startTestServer(options));
  return { ...server, wallet, [Symbol.asyncDispose]: () => stack.disposeAsync() };
}

/** Counts as always, but says that windows have just begun: they are timed by the system's clock, not the test's. */
function createTimelessLimiter(deps: Pick<ApiDependencies, "clock" | "log">): CallLimiter {
  const limiter = createCallLimiter({ policies: createLimitPolicies(), ...deps });
  return {
    ...limiter,
    read: async (counter) => ({
      ...(await limiter.read(counter)),
      reset_seconds: counter.policy.windowSeconds,
    }),
  };
}
