import type { AllocationRequest } from "@obsqra/ml";
import { createAllocationOptimizer, limitsForTolerance } from "@obsqra/ml";
import { expect, it } from "vitest";
import { createOptimizerThread } from "./optimizer-thread.ts";

function requestOf(risk_score: number): AllocationRequest {
  const candidate = (protocol: string, apy: number) => ({
    protocol,
    status: "active" as const,
    expected_apy: apy,
    expected_apy_lower: apy,
    expected_apy_upper: apy,
    interval_level: 0.9,
    risk_score,
  });
  return {
    candidates: ["nostra", "ekubo", "vesu", "endur"].map((name, index) => candidate(name, 4 + index)),
    current: null,
    limits: limitsForTolerance("medium"),
    costs: { cost_bp: 10, holding_period_days: 30 },
    rebalance_threshold_bp: 500,
  };
}

/** A thread whose code is given here. */
function threadOf(code: string) {
  return new URL(`data:text/javascript,${encodeURIComponent(code)}`);
}

it("finds what the optimiser finds, of many questions at once, too", async () => {
  await using thread = createOptimizerThread();
  const here = await createAllocationOptimizer();
  const requests = [20, 30, 40, 50].map(requestOf);
  const found = await Promise.all(
    requests.map((request, index) => thread.optimize(`owner ${index % 2}`, request)),
  );
  expect(found).toEqual(requests.map((request) => here.optimize(request)));
});

it("says why there is no result as the optimiser does, and goes on", async () => {
  await using thread = createOptimizerThread();
  await expect(thread.optimize("ada", requestOf(101))).rejects.toMatchObject({
    name: "AllocationError",
    code: "invalid_request",
    field: "candidates[0].risk_score",
  });
  expect(await thread.optimize("ada", requestOf(20))).toMatchObject({ outcome: "rebalance" });
});

it("gives up a thread that never replies, and starts another", async () => {
  const silent = threadOf(
    `import { parentPort } from "node:worker_threads"; parentPort.on("message", () => {});`,
  );
  await using thread = createOptimizerThread({ timeoutMs: 1, workerUrl: silent });
  await expect(thread.optimize("ada", requestOf(20))).rejects.toThrow("within 1 ms");
  await expect(thread.optimize("ada", requestOf(20))).rejects.toThrow("within 1 ms");
});

it("tells of a thread that breaks", async () => {
  const broken = threadOf(`throw new Error("It breaks.")`);
  await using thread = createOptimizerThread({ workerUrl: broken });
  await expect(thread.optimize("ada", requestOf(20))).rejects.toThrow("It breaks.");
});

it("refuses what can only wait too long", async () => {
  await using thread = createOptimizerThread({ waitingMax: 1 });
  const results = await Promise.allSettled([1, 2, 3].map(() => thread.optimize("ada", requestOf(20))));
  expect(results.map(({ status }) => status)).toEqual(["fulfilled", "fulfilled", "rejected"]);
  expect(results[2]).toMatchObject({ reason: { code: "SERVER_OVERLOADED" } });
});
