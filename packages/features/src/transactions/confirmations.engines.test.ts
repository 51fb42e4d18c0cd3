import { waitForEvents } from "@obsqra/db/testing";
import { parseAddress } from "@obsqra/starknet";
import { createTestWallet, type FakeFailure, type FakeTransaction } from "@obsqra/starknet/testing";
import { expect, it } from "vitest";
import { type ChainTestApi, createChainTestApi, link } from "../testing/index.ts";
import { confirmTransactions } from "./confirmations.service.ts";
import { listDueTransactions } from "./open-transactions.queries.ts";

const { signal } = new AbortController();
const minuteMs = 60_000;
const dayMs = 24 * 60 * minuteMs;

const wallet = createTestWallet({ privateKey: "0x1234567890987654321" });
const stranger = createTestWallet({ privateKey: "0x777" });

type Caller = Awaited<ReturnType<ChainTestApi["signUp"]>>;

/** Logs a transaction that says what is held after it. */
function log(caller: Caller, tx_hash: string) {
  const allocation = { nostra: 60, ekubo: 40 };
  return caller.transactions.create({ tx_hash, tx_type: "rebalance", amount: "1", allocation });
}

async function statusOf(caller: Caller, tx_hash: string): Promise<string> {
  return (await caller.transactions.get({ tx_hash })).status;
}

/** Asks about what is due, of all that was logged until now. */
async function confirm({ deps }: ChainTestApi) {
  await waitForEvents(deps.db);
  return confirmTransactions(deps, signal);
}

/** Asks about everything that waits, whatever its time. */
async function confirmAll(api: ChainTestApi) {
  const due = { next_check_at: api.clock() };
  await api.deps.db.updateTable("open_transactions").set(due).execute();
  return confirm(api);
}

function setUp() {
  return createChainTestApi({ accounts: [wallet.account, stranger.account] });
}

const nothing = { confirmed: 0, unverified: 0, failed: 0, not_found: 0, open: 0, is_chain_away: false };

it("confirms what a linked wallet has sent once ten blocks follow it, and asks no more", async () => {
  await using api = await setUp();
  const ada = await api.signUp();
  await link(ada, wallet);
  await log(ada, "0x1");
  expect(await confirmAll(api)).toEqual({ ...nothing, open: 1 });
  api.node.include({ hash: "0x1", sender: wallet.address, finality: "PRE_CONFIRMED" });
  expect(await confirmAll(api)).toEqual({ ...nothing, open: 1 });
  api.node.include({ hash: "0x1", sender: wallet.address });
  api.node.addBlocks(9);
  expect(await confirmAll(api)).toEqual({ ...nothing, open: 1 });
  expect(await statusOf(ada, "0x1")).toBe("pending");
  api.node.addBlocks(1);
  expect(await confirmAll(api)).toEqual({ ...nothing, confirmed: 1 });
  expect(await statusOf(ada, "0x1")).toBe("confirmed");
  expect(await confirmAll(api)).toEqual(nothing);
  const { items } = await ada.transactions.entries();
  expect(items.map(({ status }) => status).sort()).toEqual(["confirmed", "pending"]);
});

it("shows as unverified what none of the protocols' contracts took part in, where it is known which they are", async () => {
  await using api = await setUp();
  const ada = await api.signUp();
  await link(ada, wallet);
  const protocolContracts = new Set([parseAddress("0xa1"), parseAddress("0xa2")]);
  const known = { ...api, deps: { ...api.deps, protocolContracts } };
  const sent = { sender: wallet.address, finality: "ACCEPTED_ON_L1" } as const;
  await log(ada, "0x1");
  await log(ada, "0x2");
  api.node.include({ ...sent, hash: "0x1", contracts: ["0xa2", "0xff"] });
  api.node.include({ ...sent, hash: "0x2", contracts: ["0xff"] });
  expect(await confirmAll(known)).toEqual({ ...nothing, confirmed: 1, unverified: 1 });
  expect(await statusOf(ada, "0x1")).toBe("confirmed");
  expect(await statusOf(ada, "0x2")).toBe("unverified");
  // Once its contract is named, too.
  protocolContracts.add(parseAddress("0xff"));
  expect(await confirmAll(known)).toEqual({ ...nothing, confirmed: 1 });
});

it("goes on waiting when the block of a transaction was replaced", async () => {
  await using api = await setUp();
  const ada = await api.signUp();
  await link(ada, wallet);
  await log(ada, "0x1");
  api.node.include({ hash: "0x1", sender: wallet.address });
  await confirmAll(api);
  api.node.forget("0x1");
  api.node.addBlocks(20);
  expect(await confirmAll(api)).toEqual({ ...nothing, open: 1 });
  expect(await statusOf(ada, "0x1")).toBe("pending");
});

it.each<[string, Partial<FakeTransaction>]>([
  ["failed", { sender: wallet.address, execution: "REVERTED" }],
  ["unverified", { sender: stranger.address }],
])("takes a transaction for %s, which no longer counts as what is held", async (status, facts) => {
  await using api = await setUp();
  const ada = await api.signUp();
  await link(ada, wallet);
  await log(ada, "0x1");
  expect((await ada.analytics.dashboard()).latest_allocation).not.toBeNull();
  api.node.include({ hash: "0x1", sender: "0x1", finality: "ACCEPTED_ON_L1", ...facts });
  expect(await confirmAll(api)).toEqual({ ...nothing, [status]: 1 });
  expect(await statusOf(ada, "0x1")).toBe(status);
  expect((await ada.analytics.dashboard()).latest_allocation).toBeNull();
});

it("confirms an unverified transaction once the wallet that has sent it is linked", async () => {
  await using api = await setUp();
  const ada = await api.signUp();
  await log(ada, "0x1");
  api.node.include({ hash: "0x1", sender: wallet.address, finality: "ACCEPTED_ON_L1" });
  await confirmAll(api);
  expect(await statusOf(ada, "0x1")).toBe("unverified");
  await link(ada, wallet);
  expect(await confirm(api)).toEqual({ ...nothing, confirmed: 1 });
  expect(await statusOf(ada, "0x1")).toBe("confirmed");
  expect((await ada.analytics.dashboard()).latest_allocation).not.toBeNull();
});

it("gives up on a hash that the chain has not shown for seven days, and not before", async () => {
  await using api = await setUp();
  const ada = await api.signUp();
  await log(ada, "0x1");
  api.clock.advance(7 * dayMs - minuteMs);
  expect(await confirmAll(api)).toEqual({ ...nothing, open: 1 });
  api.clock.advance(minuteMs);
  expect(await confirmAll(api)).toEqual({ ...nothing, not_found: 1 });
  expect(await confirmAll(api)).toEqual(nothing);
});

it("asks about a new transaction every minute, and about an old one ever more seldom", async () => {
  await using api = await setUp();
  const ada = await api.signUp();
  await log(ada, "0x1");
  let asked = 0;
  for (let minute = 0; minute < 60; minute += 1) {
    asked += (await confirm(api)).open;
    api.clock.advance(minuteMs);
  }
  expect(asked).toBeGreaterThan(20);
  expect(asked).toBeLessThan(40);
  asked = 0;
  for (let hour = 0; hour < 24; hour += 1) {
    asked += (await confirm(api)).open;
    api.clock.advance(60 * minuteMs);
  }
  expect(asked).toBeLessThan(20);
});

it("changes nothing while the node is away, and says so", async () => {
  await using api = await setUp();
  const ada = await api.signUp();
  await log(ada, "0x1");
  api.node.failAlways("http_500");
  expect(await confirmAll(api)).toEqual({ ...nothing, is_chain_away: true });
  expect(api.logged).toMatchObject([{ message: "The chain could not be asked about transactions." }]);
  api.node.failAlways(undefined);
  expect(await confirmAll(api)).toEqual({ ...nothing, open: 1 });
});

it.each<FakeFailure>(["endless", "wrong_shape", "internal_error"])(
  "keeps nobody waiting for a transaction to which the node's response is always %s",
  async (failure) => {
    await using api = await setUp();
    const ada = await api.signUp();
    const eve = await api.signUp();
    for (let number = 1; number <= 20; number += 1) await log(eve, `0xbad${number}`);
    api.clock.advance(1);
    await link(ada, wallet);
    await log(ada, "0x1");
    api.node.include({ hash: "0x1", sender: wallet.address, finality: "ACCEPTED_ON_L1" });
    api.node.failFor(/^0xbad/, failure);
    expect(await confirm(api)).toEqual({ ...nothing, confirmed: 1, open: 20 });
    expect(await confirm(api)).toEqual(nothing);
  },
);

it("asks about transactions of all owners in turn, however many one of them has", async () => {
  await using api = await setUp();
  const [eve, ada, bob] = [await api.signUp(), await api.signUp(), await api.signUp()];
  for (let number = 1; number <= 6; number += 1) await log(eve, `0xe${number}`);
  await confirm(api);
  api.clock.advance(minuteMs);
  for (const hash of ["0xa1", "0xa2"]) await log(ada, hash);
  await log(bob, "0xb1");
  api.node.failAlways("http_500");
  await confirm(api);
  api.clock.advance(minuteMs);
  const now = api.clock();
  const due = await listDueTransactions(api.deps.db, { now, latest: now, limit: 5 });
  const owners = due.map(({ tx_hash }) => BigInt(tx_hash).toString(16).slice(0, 1));
  expect(owners.slice(0, 3).sort()).toEqual(["a", "b", "e"]);
  expect(owners.slice(3).sort()).toEqual(["a", "e"]);
});

it("asks about others first once the node was away", async () => {
  await using api = await setUp();
  const ada = await api.signUp();
  for (let number = 1; number <= 6; number += 1) {
    await log(ada, `0x${number}`);
    api.clock.advance(1);
  }
  api.node.failAlways("http_500");
  expect(await confirm(api)).toEqual({ ...nothing, is_chain_away: true });
  api.node.failAlways(undefined);
  expect(await confirm(api)).toEqual({ ...nothing, open: 1 });
  api.clock.advance(minuteMs);
  expect(await confirm(api)).toEqual({ ...nothing, open: 6 });
});

it("records each outcome once when two processes ask at once", async () => {
  await using api = await setUp();
  const ada = await api.signUp();
  await link(ada, wallet);
  const hashes = Array.from({ length: 12 }, (_, number) => `0x${(number + 1).toString(16)}`);
  for (const hash of hashes) {
    await log(ada, hash);
    api.node.include({ hash, sender: wallet.address, finality: "ACCEPTED_ON_L1" });
  }
  await Promise.all([confirm(api), confirm(api)]);
  await confirmAll(api);
  const changes = await api.deps.db
    .selectFrom("events")
    .select("subject")
    .where("type", "=", "transaction.status_changed")
    .execute();
  expect(new Set(changes.map(({ subject }) => subject)).size).toBe(12);
  expect(changes).toHaveLength(12);
});
