import { toPanel } from "@obsqra/features";
import { createSimulatedSource } from "@obsqra/market";
import {
  type AdviceEvaluation,
  type AdviceEvaluationOptions,
  createAdviser,
  evaluateAdvice,
} from "@obsqra/ml";
import { riskScore } from "@obsqra/starknet";
import { beforeAll, describe, expect, it } from "vitest";
import { formatAdvice, toAdviceJson } from "./advice-text.ts";

describe("suggestions that are followed", () => {
  let evaluate: (options: Pick<AdviceEvaluationOptions, "holdDays" | "everyDays">) => AdviceEvaluation;
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
    evaluate = (options) =>
      evaluateAdvice(toPanel(dataset), {
        horizonDays: 7,
        backtestDays: 21,
        apyCapPercent: 500,
        seed: 1,
        scoreRisk: riskScore,
        advise,
        facts: new Map(facts),
        ...options,
      });
    result = { file: "history.csv", report: evaluate({}) };
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

  it("are summed up over holders, by tolerance and in all", () => {
    const { advice, totals } = toAdviceJson(result);
    expect(totals.map(({ tolerance, holder }) => [tolerance, holder])).toEqual(
      ["low", "medium", "high", "all"].map((tolerance) => [tolerance, "all"]),
    );
    for (const { tolerance, n, moves, forced, realised_pp } of totals) {
      const own = advice.filter((each) => tolerance === "all" || each.tolerance === tolerance);
      const sumOf = (read: (each: (typeof own)[number]) => number) =>
        own.reduce((sum, each) => sum + read(each), 0);
      expect([n, moves, forced]).toEqual([
        sumOf((each) => each.n),
        sumOf((each) => each.moves),
        sumOf((each) => each.forced),
      ]);
      const realised = sumOf((each) => each.moves * (each.realised_pp ?? 0));
      if (moves > 0) expect(realised_pp).toBeCloseTo(realised / moves, 9);
    }
  });

  it("are followed for longer than is forecast, as far as the history goes", () => {
    const longer = evaluate({ holdDays: 14, everyDays: 3 });
    expect(longer).toMatchObject({
      horizon: 7,
      held: 14,
      first_day: result.report.first_day,
      // Of the same newest day, a week less.
      last_day: result.report.last_day - 7,
    });
    expect(longer.gain_kept).not.toBe(result.report.gain_kept);
    expect(formatAdvice({ file: "history.csv", report: longer })).toContain(
      "followed for 14 days by forecasts for 7: ",
    );
    expect(() => evaluate({ holdDays: 300 })).toThrow("cannot be followed for so long");
  });

  it("are shown as tables", () => {
    const text = formatAdvice(result);
    expect(text).toContain("Suggestions on history.csv, followed for 7 days: 3 days from");
    expect(text).toContain("USDC, 1000 USD");
    expect(text).toMatch(/\nall {8}all /);
    expect(text).toMatch(
      /Of the gain before costs that the forecasts promised of these moves, [\d.]+ % came true\./,
    );
  });
});
