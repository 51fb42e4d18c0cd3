import { describe, expect, test } from "vitest";
import { type FakeFailure, type FakeNode, startFakeNode } from "../testing/index.ts";
import { createRpcFeeReader, type RpcFeeReaderOptions } from "./create-rpc-chain-reader.ts";

const oracle = "0x02a85bd616f912537c50a49a4076db02c00b29b2cdc8a197ce92ed1837fa875b";
const seconds = 1_767_225_600n;

function readerOf(node: FakeNode, options: Partial<RpcFeeReaderOptions> = {}) {
  return createRpcFeeReader({
    url: node.url,
    expectedChainId: "SN_SEPOLIA",
    oracle,
    fetch,
    retries: 0,
    ...options,
  });
}

describe("gasPrices", () => {
  test("reads the fri prices, the number and the moment of the newest block", async () => {
    await using node = await startFakeNode();
    node.addBlocks(7);
    node.setBlock({ l1GasFri: 3n, l2GasFri: 2n ** 127n, l1DataGasFri: 0n, time: new Date(12_345_000) });
    expect(await readerOf(node).gasPrices()).toEqual({
      blockNumber: 1_007,
      blockTime: new Date(12_345_000),
      l1GasFri: 3n,
      l2GasFri: 2n ** 127n,
      l1DataGasFri: 0n,
    });
    expect(node.requests.at(-1)).toMatchObject({
      method: "starknet_getBlockWithTxHashes",
      params: { block_id: "latest" },
    });
  });

  const failures: readonly [FakeFailure, string][] = [
    ["http_500", "http_status"],
    ["hang", "timeout"],
    ["endless", "bad_response"],
    ["not_json", "bad_response"],
    ["wrong_shape", "bad_response"],
    ["internal_error", "rpc_error"],
  ];
  test.each(failures)("says that nothing is known when a node fails with %s", async (failure, reason) => {
    await using node = await startFakeNode();
    const reader = readerOf(node, { timeoutMs: failure === "hang" ? 50 : 5_000 });
    await reader.gasPrices();
    node.failAlways(failure);
    await expect(reader.gasPrices()).rejects.toMatchObject({ code: "CHAIN_UNAVAILABLE", reason });
  });

  test("believes no time beyond the year 9999, and no node of another network", async () => {
    await using node = await startFakeNode();
    node.setBlock({ time: new Date(253_402_300_800_000) });
    await expect(readerOf(node).gasPrices()).rejects.toMatchObject({ reason: "bad_response" });
    const elsewhere = readerOf(node, { expectedChainId: "SN_MAIN" });
    await expect(elsewhere.gasPrices()).rejects.toMatchObject({ reason: "wrong_chain" });
  });
});

describe("medianPrice", () => {
  test("asks the oracle for the spot median as of the block", async () => {
    await using node = await startFakeNode();
    node.deployOracle(oracle, { "STRK/USD": [12_345_678n, 8n, seconds, 9n, 1n] });
    expect(await readerOf(node).medianPrice("STRK/USD", 1_000)).toEqual({
      price: 12_345_678n,
      decimals: 8,
      updatedAt: new Date("2026-01-01T00:00:00Z"),
      sourceCount: 9,
    });
    expect(node.requests.at(-1)).toMatchObject({
      method: "starknet_call",
      params: {
        block_id: { block_number: 1_000 },
        request: {
          contract_address: `0x${BigInt(oracle).toString(16)}`,
          // The number that Pragma's documentation has for STRK/USD is 6004514686061859652.
          calldata: ["0x0", `0x${6_004_514_686_061_859_652n.toString(16)}`],
        },
      },
    });
  });

  test("says why there is none: no contract, not an oracle, or not this pair", async () => {
    await using node = await startFakeNode();
    expect(await readerOf(node).medianPrice("STRK/USD", 1_000)).toBe("not_deployed");
    node.deployRiskEngine(oracle);
    expect(await readerOf(node).medianPrice("STRK/USD", 1_000)).toBe("no_entry_point");
    const other = "0x123";
    node.deployOracle(other, { "ETH/USD": [1n, 8n, seconds, 9n, 1n] });
    expect(await readerOf(node, { oracle: other }).medianPrice("STRK/USD", 1_000)).toBe("reverted");
  });

  test.each([
    ["nothing", []],
    ["too little", [1n, 8n, seconds, 9n]],
    ["too much", [1n, 8n, seconds, 9n, 1n, 1n]],
    ["no option", [1n, 8n, seconds, 9n, 2n]],
    ["more than a u128", [2n ** 128n, 8n, seconds, 9n, 1n]],
    ["more decimals than a u128 has", [1n, 39n, seconds, 9n, 1n]],
    ["a time beyond all times", [1n, 8n, 2n ** 64n, 9n, 1n]],
    ["more sources than a u32", [1n, 8n, seconds, 2n ** 32n, 1n]],
  ])("takes no price from what returns %s", async (_what, felts) => {
    await using node = await startFakeNode();
    node.deployOracle(oracle, { "STRK/USD": felts });
    expect(await readerOf(node).medianPrice("STRK/USD", 1_000)).toBe("malformed");
  });

  test("takes one that expires", async () => {
    await using node = await startFakeNode();
    node.deployOracle(oracle, { "STRK/USD": [5n, 0n, seconds, 3n, 0n, seconds + 1n] });
    expect(await readerOf(node).medianPrice("STRK/USD", 1_000)).toMatchObject({ price: 5n, decimals: 0 });
  });
});
