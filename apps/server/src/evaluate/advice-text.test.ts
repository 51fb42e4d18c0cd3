import { toPanel } from "@obsqra/features";
import { createSimulatedSource } from "@obsqra/market";
import { createAdviser, evaluateAdvice } from "@obsqra/ml";
import { riskScore } from "@obsqra/starknet";
import { beforeAll, describe, expect, it } from "vitest";
import { formatAdvice, toAdviceJson } from "./advice-text.ts";

describe("suggestions that are followed", () => {
  let result: Parameters<typeof toAdviceJson>[0];

  beforeAll(async () => {
    const clock = () => new Date("2026-01-01T12:00:00Z");
    const dataset = await createSimulatedSource({ seed: 1, clock, days: 80 }).load();
    const facts = dataset.markets.map(
      ({ market: { id, symbol, chain, protocol } }) =>
        [
          id,
          { symbol, chain, status: protocol === "zklend" ? "exploited" : "active", status_since_day: null },
        ] as const,
    );
    const { advise } = await createAdviser();
    const report = evaluateAdvice(toPanel(dataset), {
      horizonDays: 7,
      backtestDays: 21,
      apyCapPercent: 500,
      seed: 1,
      scoreRisk: riskScore,
      advise,
      facts: new Map(facts),
    });
    result = { file: "history.csv", report };
  });

  it("are judged by tolerance and holder, beside simple rules and hindsight", () => {
    const { advice, horizon, days } = toAdviceJson(result);
    expect({ horizon, days }).toEqual({ horizon: 7, days: 3 });
    expect(advice).toHaveLength(18);
    for (const { file, n, moves, forced, baselines, beat_hold, worst_pp, realised_pp } of advice) {
      expect(file).toBe("history.csv");
      expect(n).toBeGreaterThan(0);
      expect(moves + forced).toBeLessThanOrEqual(n);
      expect(baselines.hold).toBe(0);
      expect(baselines.oracle).toBeGreaterThanOrEqual(Math.max(0, baselines.highest_current_apy));
      if (moves === 0) expect([beat_hold, worst_pp, realised_pp]).toEqual([null, null, null]);
      else expect(worst_pp).toBeLessThanOrEqual(realised_pp ?? 0);
    }
    expect(advice.some(({ moves }) => moves > 0)).toBe(true);
  });

  it("are shown as tables", () => {
    const text = formatAdvice(result);
    expect(text).toContain("Suggestions on history.csv, followed for 7 days: 3 days from");
    expect(text).toContain("USDC, 1000 USD");
  });
});
