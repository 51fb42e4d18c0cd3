import { pragmaMainnetAddress } from "@obsqra/starknet";
import { startFakeNode } from "@obsqra/starknet/testing";
import { afterEach, expect, it, vi } from "vitest";
import { createFees } from "./create-fees.ts";
import { readEnvironment } from "./env.ts";
import { watchGas } from "./watch-gas.ts";

const price = [12n, 2n, 1_767_225_600n, 9n, 1n];

afterEach(() => {
  vi.useRealTimers();
});

it.each([
  ["Pragma's own on the main network", { STARKNET_CHAIN_ID: "SN_MAIN" }, pragmaMainnetAddress],
  [
    "the same where the network is named by its number",
    { STARKNET_CHAIN_ID: "0x534e5f4d41494e" },
    pragmaMainnetAddress,
  ],
  ["the one that is set", { STARKNET_CHAIN_ID: "SN_SEPOLIA", PRICE_ORACLE_ADDRESS: "0x123" }, "0x123"],
])("asks the oracle: %s", async (_which, settings, address) => {
  const chainId = settings.STARKNET_CHAIN_ID;
  await using node = await startFakeNode({ chainId });
  node.deployOracle(address, { "STRK/USD": price });
  const fees = createFees({ env: readEnvironment({ STARKNET_RPC_URL: node.url, ...settings }), fetch });
  expect(await fees?.medianPrice("STRK/USD", 1_000)).toMatchObject({ price: 12n, sourceCount: 9 });
});

it.each([
  ["no node", { PRICE_ORACLE_ADDRESS: "0x123" }],
  [
    "no oracle on a test network",
    { STARKNET_RPC_URL: "http://127.0.0.1:1", STARKNET_CHAIN_ID: "SN_SEPOLIA" },
  ],
  ["none to be asked", { STARKNET_RPC_URL: "http://127.0.0.1:1", PRICE_ORACLE_ADDRESS: "none" }],
])("asks nobody where there is %s", (_what, settings: Record<string, string>) => {
  expect(createFees({ env: readEnvironment(settings), fetch })).toBeUndefined();
});

it("reads at once and every five minutes, until it is ended", () => {
  vi.useFakeTimers();
  const refresh = vi.fn(async () => {});
  const end = watchGas({ gasQuotes: { current: () => [], refresh } });
  expect(refresh).toHaveBeenCalledTimes(1);
  vi.advanceTimersByTime(10 * 60_000);
  expect(refresh).toHaveBeenCalledTimes(3);
  end();
  vi.advanceTimersByTime(10 * 60_000);
  expect(refresh).toHaveBeenCalledTimes(3);
});
