import { describe, expect, test } from "vitest";
import { parseAddress } from "../address.ts";
import { createTestWallet, type FakeNode, startFakeNode } from "../testing/index.ts";
import { createRpcChainReader } from "./create-rpc-chain-reader.ts";

const wallet = createTestWallet({ privateKey: "0x1234567890987654321" });

function readerOf(node: FakeNode) {
  return createRpcChainReader({ url: node.url, expectedChainId: "SN_SEPOLIA", fetch });
}

describe("transactionOutcome", () => {
  const sent = { hash: "0x5a1d", sender: wallet.address };

  test("tells what became of a transaction once it is settled", async () => {
    await using node = await startFakeNode();
    const reader = readerOf(node);
    expect(await reader.transactionOutcome("0x5a1d")).toEqual({ status: "unknown" });
    node.include({ ...sent, finality: "PRE_CONFIRMED" });
    expect(await reader.transactionOutcome("0x5a1d")).toEqual({ status: "waiting" });
    node.include(sent);
    expect(await reader.transactionOutcome("0x5a1d")).toEqual({ status: "waiting" });
    node.addBlocks(10);
    const settled = { status: "succeeded", sender: wallet.address, contracts: new Set() };
    expect(await reader.transactionOutcome("0x5a1d")).toEqual(settled);
    node.include({ ...sent, execution: "REVERTED", finality: "ACCEPTED_ON_L1" });
    expect(await reader.transactionOutcome("0x5a1d")).toEqual({ status: "reverted" });
  });

  test.each([
    ["INVOKE", wallet.address],
    ["DECLARE", wallet.address],
    ["DEPLOY_ACCOUNT", wallet.address],
    // Anybody sends one to any contract.
    ["L1_HANDLER", undefined],
  ] as const)("names whoever has sent a transaction of type %s, and nobody else", async (type, sender) => {
    await using node = await startFakeNode();
    node.include({ ...sent, type, finality: "ACCEPTED_ON_L1" });
    expect(await readerOf(node).transactionOutcome("0x5a1d")).toMatchObject({ status: "succeeded", sender });
  });

  test("names the contracts that took part, each once", async () => {
    await using node = await startFakeNode();
    node.include({ ...sent, finality: "ACCEPTED_ON_L1", contracts: ["0x2", "0x5a1d", "0x02"] });
    const contracts = new Set([parseAddress("0x2"), parseAddress("0x5a1d")]);
    expect(await readerOf(node).transactionOutcome("0x5a1d")).toMatchObject({ contracts });
  });

  test("takes no trouble of the node for an outcome", async () => {
    await using node = await startFakeNode();
    const reader = readerOf(node);
    await reader.chainId();
    node.failAlways("wrong_shape");
    await expect(reader.transactionOutcome("0x5a1d")).rejects.toThrow("unexpected shape");
  });
});
