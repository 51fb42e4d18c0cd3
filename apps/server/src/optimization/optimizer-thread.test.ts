import type { AdviceRequest } from "@obsqra/ml";
import { createAdviser } from "@obsqra/ml";
import { expect, it } from "vitest";
import { createOptimizerThread } from "./optimizer-thread.ts";

function requestOf(risk_score: number): AdviceRequest {
  const market = (protocol: string, apy: number) => ({
    market_id: protocol,
    protocol,
    chain: "Starknet",
    symbol: "USDC",
    kind: "lending" as const,
    status: "active" as const,
    frozen: false,
    apy_base: apy,
    apy_reward: null,
    tvl_usd: 1_000_000,
    utilization: 0.5,
    apy: { value: apy, lower: apy, upper: apy, level: 0.9 },
    risk_score,
    stale: false,
  });
  return {
    markets: ["nostra", "ekubo", "vesu", "endur"].map((name, index) => market(name, 6 + index)),
    protocols: [],
    held: [],
    wishes: {},
    tolerance: "medium",
    amount_usd: 10_000,
    holding_period_days: 30,
    rebalance_threshold_bp: 500,
  };
}

/** A thread whose code is given here. */
function threadOf(code: string) {
  return new URL(`data:text/javascript,${encodeURIComponent(code)}`);
}

it("advises what the adviser advises, of many questions at once, too", async () => {
  await using thread = createOptimizerThread();
  const here = await createAdviser();
  const requests = [20, 30, 40, 50].map(requestOf);
  const found = await Promise.all(
    requests.map((request, index) => thread.advise(`owner ${index % 2}`, request)),
  );
  expect(found).toEqual(requests.map((request) => here.advise(request)));
});

it("says why there is no result as the optimiser does, and goes on", async () => {
  await using thread = createOptimizerThread();
  await expect(thread.advise("ada", requestOf(101))).rejects.toMatchObject({
    name: "AdviceError",
    code: "invalid_request",
    field: "markets.nostra",
  });
  expect(await thread.advise("ada", requestOf(20))).toMatchObject({ outcome: "rebalance" });
});

it("gives up a thread that never replies, and starts another", async () => {
  const silent = threadOf(
    `import { parentPort } from "node:worker_threads"; parentPort.on("message", () => {});`,
  );
  await using thread = createOptimizerThread({ timeoutMs: 1, workerUrl: silent });
  await expect(thread.advise("ada", requestOf(20))).rejects.toThrow("within 1 ms");
  await expect(thread.advise("ada", requestOf(20))).rejects.toThrow("within 1 ms");
});

it("tells of a thread that breaks", async () => {
  const broken = threadOf(`throw new Error("It breaks.")`);
  await using thread = createOptimizerThread({ workerUrl: broken });
  await expect(thread.advise("ada", requestOf(20))).rejects.toThrow("It breaks.");
});

it("refuses what can only wait too long", async () => {
  await using thread = createOptimizerThread({ waitingMax: 1 });
  const results = await Promise.allSettled([1, 2, 3].map(() => thread.advise("ada", requestOf(20))));
  expect(results.map(({ status }) => status)).toEqual(["fulfilled", "fulfilled", "rejected"]);
  expect(results[2]).toMatchObject({ reason: { code: "SERVER_OVERLOADED" } });
});
