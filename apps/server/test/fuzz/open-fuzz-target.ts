import { type FakeNode, startFakeNode } from "@obsqra/starknet/testing";
import { type RemoteFuzzServer, spawnFuzzServer } from "./server/spawn-fuzz-server.ts";

/** A server to be put through everything, with what it needs around it. */
export interface FuzzTarget extends AsyncDisposable {
  readonly server: RemoteFuzzServer;
  readonly node: FakeNode;
}

/** More than a fuzzer can ask: what the limits do is tested elsewhere, and here everybody comes from one address. */
const limitless = {
  RATE_LIMIT_PER_IP: "1000000000",
  RATE_LIMIT_PER_USER: "1000000000",
  RATE_LIMIT_PER_KEY: "1000000000",
  REGISTRATIONS_PER_IP: "1000000000",
  DAILY_QUOTA_FREE: "1000000000",
  DAILY_QUOTA_PRO: "1000000000",
};

/** @param databaseUrl of a Postgres server. @default the embedded database, in the data directory */
export async function openFuzzTarget(
  dataDirectory: string,
  databaseUrl: string | undefined,
): Promise<FuzzTarget> {
  const node = await startFakeNode();
  const server = await spawnFuzzServer({
    ENVIRONMENT: "test",
    MARKET_SOURCE: "simulated",
    STARKNET_RPC_URL: node.url,
    STARKNET_CHAIN_ID: "SN_SEPOLIA",
    ...limitless,
    DATA_DIRECTORY: dataDirectory,
    ...(databaseUrl === undefined ? {} : { DATABASE_URL: databaseUrl }),
  });
  return {
    server,
    node,
    [Symbol.asyncDispose]: async () => {
      await server[Symbol.asyncDispose]();
      await node[Symbol.asyncDispose]();
    },
  };
}
