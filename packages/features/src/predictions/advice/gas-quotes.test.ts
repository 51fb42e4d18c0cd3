import { createTestClock } from "@obsqra/platform/testing";
import { createRpcFeeReader, type RpcFeeReaderOptions } from "@obsqra/starknet";
import { type FakeBlock, type FakeNode, startFakeNode } from "@obsqra/starknet/testing";
import { expect, it } from "vitest";
import { createGasQuotes } from "./gas-quotes.ts";

const oracle = "0x2a85bd616f912537c50a49a4076db02c00b29b2cdc8a197ce92ed1837fa875b";
const minuteMs = 60_000;

/** A node whose newest block and oracle are of the test's moment, and the quotes that are read of it. */
async function open(options: Partial<RpcFeeReaderOptions> = {}) {
  const node = await startFakeNode();
  const clock = createTestClock();
  const fees = createRpcFeeReader({
    url: node.url,
    oracle,
    expectedChainId: "SN_SEPOLIA",
    fetch,
    retries: 0,
    ...options,
  });
  const logged: { facts: object; message: string }[] = [];
  const log = (facts: object, message: string) => void logged.push({ facts, message });
  const quotes = createGasQuotes({ fees, clock, log: { info: log, warn: log } });
  tell(node, clock());
  return { node, clock, quotes, logged, [Symbol.asyncDispose]: () => node[Symbol.asyncDispose]() };
}

/** 3 gfri a unit of L2 gas, 12 cents a STRK, as of a moment. */
function tell(
  node: FakeNode,
  now: Date,
  changes: { block?: Partial<FakeBlock>; price?: bigint[] } = {},
): void {
  const seconds = BigInt(Math.floor(now.getTime() / 1_000));
  node.setBlock({
    time: now,
    l1GasFri: 30_000_000_000_000n,
    l2GasFri: 3_000_000_000n,
    l1DataGasFri: 30_000n,
    ...changes.block,
  });
  node.deployOracle(oracle, { "STRK/USD": changes.price ?? [12_000_000n, 8n, seconds, 9n, 1n] });
}

it("quotes a move by the gas of the newest block and the price of STRK as of it", async () => {
  await using chain = await open();
  expect(chain.quotes.current()).toEqual([]);
  await chain.quotes.refresh();
  // 15,000,000 · 3e9 fri and 1,024 · 30,000 fri are 0.045 STRK, at 12 cents.
  expect(chain.quotes.current()).toEqual([
    { chain: "Starknet", usd: "0.005400", block: 1_000, read_at: chain.clock().toISOString() },
  ]);
  const expensive = 200_000_000_000n;
  tell(chain.node, chain.clock(), { block: { l2GasFri: expensive, l1DataGasFri: expensive } });
  chain.node.addBlocks(1);
  await chain.quotes.refresh();
  expect(chain.quotes.current()).toMatchObject([{ usd: "0.360024", block: 1_001 }]);
  expect(chain.logged).toEqual([]);
});

const hourAgo = (now: Date) => BigInt(Math.floor(now.getTime() / 1_000) - 3_601);

it.each<[string, (now: Date) => Parameters<typeof tell>[2], string]>([
  ["gas is free", () => ({ block: { l2GasFri: 0n } }), "gas is free"],
  ["L1 data is free", () => ({ block: { l1DataGasFri: 0n } }), "gas is free"],
  ["gas is a thousand times as dear as ever", () => ({ block: { l2GasFri: 10n ** 13n } }), "not plausible"],
  ["gas is beyond all bounds", () => ({ block: { l2GasFri: 2n ** 250n } }), "not plausible"],
  ["gas is next to nothing", () => ({ block: { l2GasFri: 1n } }), "not plausible"],
  ["STRK is for nothing", (now) => ({ price: [0n, 8n, hourAgo(now) + 3_600n, 9n, 1n] }), "not plausible"],
  [
    "STRK is a fortune",
    (now) => ({ price: [2n ** 127n, 8n, hourAgo(now) + 3_600n, 9n, 1n] }),
    "not plausible",
  ],
  [
    "the price is older than an hour",
    (now) => ({ price: [12n, 2n, hourAgo(now), 9n, 1n] }),
    "older than an hour",
  ],
  [
    "the price is of tomorrow",
    (now) => ({ price: [12n, 2n, hourAgo(now) + 90_000n, 9n, 1n] }),
    "of the future",
  ],
  ["two sources are all", (now) => ({ price: [12n, 2n, hourAgo(now) + 3_600n, 2n, 1n] }), "2 sources"],
  ["the oracle returns something else", () => ({ price: [12n] }), "malformed"],
  [
    "the chain stands still",
    (now) => ({ block: { time: new Date(now.getTime() - 61 * minuteMs) } }),
    "newest block",
  ],
])(
  "believes nothing when %s, says so once, and keeps what it had for an hour",
  async (_what, changes, reason) => {
    await using chain = await open();
    await chain.quotes.refresh();
    const before = chain.quotes.current();
    tell(chain.node, chain.clock(), changes(chain.clock()));
    await chain.quotes.refresh();
    await chain.quotes.refresh();
    expect(chain.logged).toMatchObject([{ facts: { reason: expect.stringContaining(reason) } }]);
    expect(chain.quotes.current()).toEqual(before);
    chain.clock.advance(60 * minuteMs);
    expect(chain.quotes.current()).toEqual(before);
    chain.clock.advance(1);
    expect(chain.quotes.current()).toEqual([]);
    tell(chain.node, chain.clock());
    await chain.quotes.refresh();
    expect(chain.quotes.current()).toHaveLength(1);
    expect(chain.logged).toHaveLength(2);
  },
);

it.each(["http_500", "disconnect", "endless", "wrong_shape", "internal_error"] as const)(
  "goes on with what it had when the node fails with %s",
  async (failure) => {
    await using chain = await open();
    await chain.quotes.refresh();
    chain.node.failAlways(failure);
    await chain.quotes.refresh();
    expect(chain.quotes.current()).toHaveLength(1);
    expect(chain.logged).toHaveLength(1);
    expect(JSON.stringify(chain.logged)).not.toContain("/rpc/");
  },
);

it("answers at once while a slow node is asked, and asks it once at a time", async () => {
  await using chain = await open({ timeoutMs: 200 });
  await chain.quotes.refresh();
  const asked = chain.node.requests.length;
  chain.node.failAlways("hang");
  const waiting = [chain.quotes.refresh(), chain.quotes.refresh()];
  expect(chain.quotes.current()).toHaveLength(1);
  await Promise.all(waiting);
  expect(chain.node.requests).toHaveLength(asked + 1);
  expect(chain.logged).toMatchObject([{ facts: { reason: expect.stringContaining("200 ms") } }]);
});

it("asks nobody where no node is configured", async () => {
  const quotes = createGasQuotes({
    fees: undefined,
    clock: createTestClock(),
    log: { info() {}, warn() {} },
  });
  await quotes.refresh();
  expect(quotes.current()).toEqual([]);
});
