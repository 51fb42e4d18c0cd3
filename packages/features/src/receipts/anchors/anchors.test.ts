import { runJobs } from "@obsqra/platform";
import { createRpcLogAnchor } from "@obsqra/starknet";
import { createTestWallet, type FakeNode, startFakeNode } from "@obsqra/starknet/testing";
import { afterAll, afterEach, beforeAll, beforeEach, expect, inject, it, vi } from "vitest";
import { createTestApi, type TestApi, writeWholeLog } from "../../testing/index.ts";
import { rotateLogKey } from "../log/append-log.service.ts";
import { anchorLogJob } from "../receipts.jobs.ts";
import { anchorLog, type LogAnchoring } from "./anchors.service.ts";
import type { AnchorsRun } from "./anchors-run.ts";
import { getAnchoredTree, getLogAnchorState } from "./anchors-state.service.ts";

const contract = "0xa11c402";
const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const owner = createTestWallet({ privateKey: "0x1234567890abcdef" });

let api: TestApi;
let node: FakeNode;
let logAnchoring: LogAnchoring;

beforeAll(async () => {
  api = await createTestApi({ withForecasts: true });
  await writeWholeLog(api);
});
afterAll(() => api[Symbol.asyncDispose]());
beforeEach(async () => {
  node = await startFakeNode({ accounts: [owner.account] });
  node.deployLogAnchor(contract, [], owner.address);
  logAnchoring = openAnchoring();
});
afterEach(() => node.stop());

function openAnchoring(feeMax = 10n ** 18n): LogAnchoring {
  const account = owner.address;
  const options = { url: node.url, expectedChainId: "SN_SEPOLIA", fetch, contract, account, feeMax };
  const anchor = createRpcLogAnchor({ ...options, privateKey: "0x1234567890abcdef", retries: 0 });
  return { anchor, everyHours: 6 };
}

const run = (before?: AnchorsRun) => anchorLog({ ...api.deps, logAnchoring }, before?.sent);

/** What is sent comes into a block at the moment of the service's clock. */
function makeBlock(): number {
  node.setBlock({ time: api.clock() });
  return node.runSent();
}

/** The log grows by an entry. */
const grow = () => rotateLogKey(api.deps);
const sentCount = () =>
  node.requests.filter(({ method }) => method === "starknet_addInvokeTransaction").length;

it("anchors the newest tree, reads it back, and sends the next when it is due and has grown", async () => {
  const sent = await run();
  expect(sent).toMatchObject({ outcome: "waiting", sent: { nonce: "0" } });
  expect(await run(sent)).toEqual(sent);
  expect(makeBlock()).toBe(1);
  const anchored = await run(sent);
  expect(anchored).toMatchObject({ outcome: "anchored", size: sent.sent?.size });
  expect(anchored.sent).toBeUndefined();

  await grow();
  expect(await run(anchored)).toMatchObject({ outcome: "anchored" });
  api.clock.advance(6 * hourMs);
  const next = await run(anchored);
  expect(next).toMatchObject({ outcome: "waiting", sent: { nonce: "1", size: (anchored.size ?? 0) + 1 } });
  expect(makeBlock()).toBe(1);
  api.clock.advance(7 * hourMs);
  // Nothing is new.
  expect(await run(next)).toMatchObject({ outcome: "anchored", size: next.sent?.size });
  expect(sentCount()).toBe(2);
});

it("anchors a tree once when runs happen twice, at once, or forget what they sent", async () => {
  const [one, other] = await Promise.all([run(), run()]);
  expect(other).toEqual(one);
  await run();
  expect(makeBlock()).toBe(1);
  await run();
  await run(one);
  expect(makeBlock()).toBe(0);
  expect(node.anchorsOf(contract)).toHaveLength(1);
});

it("replaces what waits too long by what offers more, and sends again what a node has lost", async () => {
  const first = await run();
  api.clock.advance(19 * minuteMs);
  expect(await run(first)).toEqual(first);
  api.clock.advance(2 * minuteMs);
  const second = await run(first);
  expect(second).toMatchObject({ outcome: "waiting", sent: { nonce: "0" } });
  expect(second.sent?.waiting_since).toBe(first.sent?.waiting_since);
  expect(BigInt(second.sent?.l2_gas_price_max_fri ?? 0)).toBeGreaterThan(
    BigInt(first.sent?.l2_gas_price_max_fri ?? 0),
  );
  node.dropSent();
  api.clock.advance(21 * minuteMs);
  const third = await run(second);
  expect(third).toMatchObject({ outcome: "waiting", sent: { nonce: "0" } });
  expect(makeBlock()).toBe(1);
  expect(await run(third)).toMatchObject({ outcome: "anchored" });
});

it("waits for the fee to fall, and says so", async () => {
  logAnchoring = openAnchoring(10n ** 16n);
  node.setBlock({ l2GasFri: 10n ** 12n });
  expect(await run()).toMatchObject({
    outcome: "too_expensive",
    fee_max_fri: expect.stringMatching(/^\d+$/),
  });
  expect(api.logged.at(-1)).toMatchObject({ message: expect.stringContaining("LOG_ANCHOR_FEE_MAX") });
  node.setBlock({ l2GasFri: 10n ** 9n });
  expect(await run()).toMatchObject({ outcome: "waiting" });
});

it("sends another transaction after one that has failed", async () => {
  const sent = await run();
  const stranger = createTestWallet({ privateKey: "0x5" });
  const kept = node.anchorsOf(contract);
  node.deployLogAnchor(contract, kept, stranger.address);
  makeBlock();
  expect(await run(sent)).toMatchObject({ outcome: "not_owner" });
  node.deployLogAnchor(contract, kept, owner.address);
  const again = await run(sent);
  expect(again).toMatchObject({ outcome: "waiting", sent: { nonce: "1" } });
  makeBlock();
  expect(await run(again)).toMatchObject({ outcome: "anchored" });
});

it("sends nothing to a contract that keeps another log, or more than there is", async () => {
  for (const anchor of [
    { size: 3, root: 5n },
    { size: 1_000_000, root: 5n },
  ]) {
    node.deployLogAnchor(contract, [{ ...anchor, timestamp: 1_700_000_000 }], owner.address);
    expect(await run()).toMatchObject({ outcome: "differs", size: anchor.size });
    expect(api.logged.at(-1)).toMatchObject({
      message: "The contract keeps another log than this one.",
      facts: { difference: expect.any(String) },
    });
  }
  expect(sentCount()).toBe(0);
});

it("sends nothing where there is no such contract, no account, no funds, or nothing to do it with", async () => {
  node.fund(owner.address, 1n);
  expect(await run()).toMatchObject({ outcome: "no_funds" });
  node.deployRiskEngine("0xbeef");
  const { anchor } = openAnchoring();
  for (const reason of ["not_deployed", "no_entry_point", "reverted", "malformed"] as const) {
    logAnchoring = { anchor: { ...anchor, state: async () => reason }, everyHours: 1 };
    expect(await run()).toMatchObject({ outcome: "no_contract" });
  }
  logAnchoring = { anchor: { ...anchor, canSend: false }, everyHours: 1 };
  expect(await run()).toMatchObject({ outcome: "no_key" });
  expect(await anchorLog({ ...api.deps, logAnchoring: undefined }, undefined)).toEqual({
    outcome: "not_configured",
  });
});

it("is a job whose state operators see, and that goes on where the run before has ended", async () => {
  const deps = { ...api.deps, logAnchoring };
  const { db, clock, log } = deps;
  expect(await getLogAnchorState(deps)).toBe("unknown");
  expect(await getLogAnchorState({ ...deps, logAnchoring: undefined })).toBe("not configured");
  const job = { ...anchorLogJob, schedule: undefined };
  const engine = inject("databaseEngine");
  await using jobs = await runJobs({ db, clock, log, engine, jobs: [job], deps, tickMs: 5 });
  const runUntil = async (state: string) => {
    await jobs.send(job.name);
    await vi.waitUntil(async () => (await getLogAnchorState(deps)) === state, 30_000);
  };
  await runUntil("waiting");
  api.clock.advance(4 * hourMs);
  expect(await getLogAnchorState(deps)).toBe("late");
  makeBlock();
  await runUntil("anchored");
  expect(await getAnchoredTree(deps)).toMatchObject({ size: node.anchorsOf(contract)[0]?.size });
  await node.stop();
  await runUntil("node unreachable");
  // Another contract was not asked yet.
  const other = { anchor: { ...logAnchoring.anchor, contract: "0x2" }, everyHours: 6 };
  expect(await getAnchoredTree({ ...deps, logAnchoring: other })).toBeUndefined();
});
