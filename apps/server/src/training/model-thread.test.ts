import { toPanel } from "@obsqra/features";
import { createSimulatedSource } from "@obsqra/market";
import { decidePromotion, forecastPanel, loadModel, trainModels } from "@obsqra/ml";
import { riskScore } from "@obsqra/starknet";
import { beforeAll, expect, it } from "vitest";
import { openModelThread } from "./model-thread.ts";

const settings = { horizonDays: 7, backtestDays: 14, seed: 1 };
const scoreRisk = riskScore;
const clock = () => new Date("2026-01-15T12:00:00Z");

let panel: ReturnType<typeof toPanel> = [];

beforeAll(async () => {
  panel = toPanel(await createSimulatedSource({ seed: 1, clock, days: 90 }).load());
});

it("trains, compares and forecasts as this thread would", async () => {
  await using thread = openModelThread();
  const trained = await thread.train(panel, settings);
  expect(trained).toEqual(trainModels(panel, { ...settings, scoreRisk }));
  const challenger = trained.yield;
  const champion = loadModel(challenger);
  expect(await thread.decide(challenger, challenger, panel)).toEqual(
    decidePromotion(challenger, champion, panel, { scoreRisk }),
  );
  expect(await thread.forecast(challenger, panel)).toEqual(forecastPanel(champion, panel, { scoreRisk }));
});

it("works on the panel that is asked about, whatever was asked before", async () => {
  await using thread = openModelThread();
  const [first] = panel;
  const one = first === undefined ? [] : [first];
  const { risk } = await thread.train(panel, settings);
  for (const asked of [panel, one, panel]) {
    expect((await thread.forecast(risk, asked)).markets).toHaveLength(asked.length);
  }
});

it("says why there is no result, and goes on", async () => {
  await using thread = openModelThread();
  await expect(thread.train([], settings)).rejects.toMatchObject({
    name: "MlError",
    code: "NOT_ENOUGH_HISTORY",
  });
  const unreadable = { version: "risk-000000000000", artefact: Buffer.from("of another format") };
  await expect(thread.forecast(unreadable, panel)).rejects.toMatchObject({ code: "UNSUPPORTED_ARTEFACT" });
  const { risk } = await thread.train(panel, settings);
  expect((await thread.forecast(risk, panel)).markets).toHaveLength(panel.length);
});

it("ends at once when it is stopped", async () => {
  const controller = new AbortController();
  const reason = new Error("The server stops.");
  await using thread = openModelThread({
    signal: controller.signal,
    onProgress: () => controller.abort(reason),
  });
  await expect(thread.train(panel, settings)).rejects.toBe(reason);
  await expect(thread.train(panel, settings)).rejects.toBe(reason);
  expect(() => openModelThread({ signal: controller.signal })).toThrow(reason);
});
