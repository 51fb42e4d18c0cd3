import { readFileSync } from "node:fs";
import { toPanel } from "@obsqra/features";
import { createSimulatedSource } from "@obsqra/market";
import { decidePromotion, forecastPanel, loadModel, type TrainedModels, trainModels } from "@obsqra/ml";
import { riskScore } from "@obsqra/starknet";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type ModelProcess, openModelProcess } from "./model-process.ts";

/** Sends a signal to every process that this one has started, which Linux lists. */
function signalChildren(signal: NodeJS.Signals): void {
  const pids = readFileSync(`/proc/${process.pid}/task/${process.pid}/children`, "utf8");
  for (const pid of pids.split(" ").filter(Boolean)) process.kill(Number(pid), signal);
}

const settings = { horizonDays: 7, backtestDays: 14, seed: 1 };
const scoreRisk = riskScore;
const clock = () => new Date("2026-01-15T12:00:00Z");

let panel: ReturnType<typeof toPanel> = [];
/** Little enough to be worked on to the end. */
let few: typeof panel = [];
/** A process that goes on from test to test. */
let work: ModelProcess;
let trained: TrainedModels;

beforeAll(async () => {
  panel = toPanel(await createSimulatedSource({ seed: 1, clock, days: 90 }).load());
  few = panel.slice(0, 4);
  work = openModelProcess();
  trained = await work.train(few, settings);
});
afterAll(() => work[Symbol.asyncDispose]());

it("trains, compares and forecasts as this process would", async () => {
  expect(trained).toEqual(trainModels(few, { ...settings, scoreRisk }));
  const challenger = trained.yield;
  const champion = loadModel(challenger);
  expect(await work.decide(challenger, challenger, few)).toEqual(
    decidePromotion(challenger, champion, few, { scoreRisk }),
  );
  expect(await work.forecast(challenger, few)).toEqual(
    forecastPanel(champion, few, { scoreRisk, isExplained: true }),
  );
});

it("works on the panel that is asked about, whatever was asked before", async () => {
  for (const asked of [few, few.slice(0, 1), few]) {
    expect((await work.forecast(trained.risk, asked)).markets).toHaveLength(asked.length);
  }
});

it("says why there is no result, and goes on", async () => {
  await expect(work.train([], settings)).rejects.toMatchObject({
    name: "MlError",
    code: "NOT_ENOUGH_HISTORY",
  });
  const unreadable = { version: "risk-000000000000", artefact: Buffer.from("of another format") };
  await expect(work.forecast(unreadable, few)).rejects.toMatchObject({ code: "UNSUPPORTED_ARTEFACT" });
  expect((await work.forecast(trained.risk, few)).markets).toHaveLength(few.length);
});

it("starts again after it gave its memory back", async () => {
  await work.release();
  await work.release();
  expect((await work.forecast(trained.risk, few)).markets).toHaveLength(few.length);
});

it("ends at once when it is stopped", async () => {
  const controller = new AbortController();
  const reason = new Error("The server stops.");
  await using work = openModelProcess({
    signal: controller.signal,
    onProgress: () => controller.abort(reason),
  });
  await expect(work.train(panel, settings)).rejects.toBe(reason);
  await expect(work.train(panel, settings)).rejects.toBe(reason);
  expect(() => openModelProcess({ signal: controller.signal })).toThrow(reason);
});

it.runIf(process.platform === "linux")(
  "says that it ended early when the system ends it, and fails from then on",
  async () => {
    await using work = openModelProcess({ onProgress: () => signalChildren("SIGKILL") });
    await expect(work.train(panel, settings)).rejects.toThrow(/ended early \(SIGKILL\)/);
    await expect(work.train(panel, settings)).rejects.toThrow(/ended early/);
  },
);

it.runIf(process.platform === "linux")(
  "leaves it to its parent whether a stop of all processes stops the work",
  async () => {
    let told = false;
    await using work = openModelProcess({
      onProgress: () => {
        if (!told) for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) signalChildren(signal);
        told = true;
      },
    });
    expect(await work.train(few, settings)).toHaveProperty("yield");
    expect(told).toBe(true);
  },
);
