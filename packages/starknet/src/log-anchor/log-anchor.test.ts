import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createTestWallet, type FakeNode, startFakeNode } from "../testing/index.ts";
import { createRpcLogAnchor, type RpcLogAnchorOptions } from "./create-rpc-log-anchor.ts";

const owner = createTestWallet({ privateKey: "0x1234567890abcdef" });
const contract = "0xa11c402";
const strk = 10n ** 18n;
const tree = { size: 17, root: (7n << 128n) | 9n };

let node: FakeNode;
beforeEach(async () => {
  node = await startFakeNode({ accounts: [owner.account] });
  node.deployLogAnchor(contract, [], owner.address);
});
afterEach(() => node.stop());

function open(options: Partial<RpcLogAnchorOptions> = {}) {
  return createRpcLogAnchor({
    url: node.url,
    expectedChainId: "SN_SEPOLIA",
    fetch,
    contract,
    account: owner.address,
    privateKey: "0x1234567890abcdef",
    feeMax: strk,
    wait: () => Promise.resolve(),
    ...options,
  });
}

it("sends a tree that the contract then keeps with the time of the block", async () => {
  const anchor = open();
  expect(await anchor.state()).toEqual({ owner: owner.address, count: 0, newest: undefined });
  node.setBlock({ time: new Date("2026-01-15T12:00:00Z") });
  const sending = await anchor.send(tree);
  if (sending.status !== "sent") throw new Error(sending.status);
  const { transaction_hash, nonce, fee_max } = sending.transaction;
  expect(nonce).toBe(0n);
  // 1.8 million units of L2 gas at 3 gfri, half as many at half as much again.
  expect(fee_max).toBeGreaterThan((1_800_000n * 3_000_000_000n * 9n) / 4n);
  expect(fee_max).toBeLessThan(strk / 50n);
  expect(await anchor.status(transaction_hash)).toBe("waiting");
  expect((await anchor.state()) as object).toMatchObject({ count: 0 });
  expect(node.runSent()).toBe(1);
  expect(await anchor.status(transaction_hash)).toBe("included");
  expect(await anchor.state()).toEqual({
    owner: owner.address,
    count: 1,
    newest: { ...tree, anchoredAt: new Date("2026-01-15T12:00:00Z") },
  });
  expect(await anchor.send({ size: 18, root: 3n })).toMatchObject({
    status: "sent",
    transaction: { nonce: 1n },
  });
});

it("keeps a tree once, however often it is sent", async () => {
  const [first, again] = [await open().send(tree), await open().send(tree)];
  expect(again).toEqual(first);
  expect(node.runSent()).toBe(1);
  expect(await open().send(tree)).toEqual({ status: "refused" });
  expect(node.anchorsOf(contract)).toHaveLength(1);
});

it("lets a repetition after a lost response find what it has sent", async () => {
  const anchor = open();
  let calls = 0;
  const lossy: typeof fetch = async (input, init) => {
    const response = await fetch(input, init);
    const isSending = String(init?.body).includes("addInvokeTransaction");
    if (isSending && calls++ === 0) throw new TypeError("fetch failed");
    return response;
  };
  expect(await open({ fetch: lossy }).send(tree)).toEqual(await anchor.send(tree));
  expect(calls).toBe(2);
  expect(node.runSent()).toBe(1);
});

it("replaces a transaction that waits by one that offers more, of which one is run", async () => {
  const anchor = open();
  const first = await anchor.send(tree);
  if (first.status !== "sent") throw new Error(first.status);
  const second = await anchor.send({ size: 20, root: 4n }, first.transaction);
  if (second.status !== "sent") throw new Error(second.status);
  expect(second.transaction.nonce).toBe(0n);
  expect(second.transaction.l2_gas_price_max).toBeGreaterThan(first.transaction.l2_gas_price_max);
  expect(await anchor.status(first.transaction.transaction_hash)).toBe("unknown");
  expect(node.runSent()).toBe(1);
  expect(node.anchorsOf(contract)).toMatchObject([{ size: 20 }]);
  // Its nonce is used: nothing is left to replace.
  const third = await anchor.send({ size: 21, root: 5n }, second.transaction);
  expect(third).toMatchObject({ status: "sent", transaction: { nonce: 1n, tip: 0n } });
});

describe("sends nothing, and says why", () => {
  it("where it may cost more than is allowed", async () => {
    expect(await open({ feeMax: 1_000n }).send(tree)).toMatchObject({
      status: "too_expensive",
      fee_max: expect.any(BigInt),
    });
    node.setBlock({ l2GasFri: 10n ** 15n });
    expect(await open().send(tree)).toMatchObject({ status: "too_expensive" });
    expect(node.requests.filter(({ method }) => method === "starknet_addInvokeTransaction")).toEqual([]);
  });

  it("where the account has too little", async () => {
    node.fund(owner.address, 5n);
    expect(await open().send(tree)).toMatchObject({ status: "no_funds" });
  });

  it("where the key, or the account, is another", async () => {
    expect(await open({ privateKey: "0x77" }).send(tree)).toEqual({ status: "refused" });
    expect(await open({ account: "0x123" }).send(tree)).toEqual({ status: "no_account" });
    const stranger = createTestWallet({ privateKey: "0x5" });
    node.deploy(stranger.account);
    const strange = open({ privateKey: "0x5", account: stranger.address });
    expect(await strange.send(tree)).toEqual({ status: "refused" });
  });
});

it("tells contracts that keep no trees", async () => {
  expect(await open({ contract: "0xdead" }).state()).toBe("not_deployed");
  node.deployRiskEngine("0xbeef");
  expect(await open({ contract: "0xbeef" }).state()).toBe("no_entry_point");
});

it.each(["http_500", "hang", "not_json", "wrong_shape", "internal_error", "disconnect"] as const)(
  "takes %s for a node in trouble, and nothing else",
  async (failure) => {
    const anchor = open({ timeoutSignal: () => AbortSignal.timeout(50) });
    await anchor.state();
    node.failAlways(failure);
    for (const asked of [anchor.state(), anchor.send(tree), anchor.status("0x1")]) {
      await expect(asked).rejects.toMatchObject({ name: "ChainUnavailableError" });
    }
  },
);

it("asks no node of another network", async () => {
  const anchor = open({ expectedChainId: "SN_MAIN" });
  await expect(anchor.send(tree)).rejects.toMatchObject({ reason: "wrong_chain" });
});

it("shows its key in no request and no error", async () => {
  const anchor = open();
  await anchor.send(tree);
  expect(JSON.stringify(node.requests)).not.toContain("1234567890abcdef");
  expect(JSON.stringify(anchor)).not.toContain("1234567890abcdef");
});
