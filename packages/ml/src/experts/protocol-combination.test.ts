import { expect, it } from "vitest";
import type { ProtocolRows } from "../forecast/protocol-rows.ts";
import { ProtocolCombination } from "./protocol-combination.ts";

const horizonDays = 7;

/** Two protocols on so many days, whose markets' forecasts are off by a constant and whose last values hold. */
function rowsOf(days: number, change: Partial<ProtocolRows> = {}): ProtocolRows {
  const count = 2 * days;
  const outcomes = Float64Array.from({ length: count }, (_unused, index) => 5 + Math.sin(index));
  return {
    days: Int32Array.from({ length: count }, (_unused, index) => Math.floor(index / 2)),
    protocols: Int32Array.from({ length: count }, (_unused, index) => index % 2),
    markets: outcomes.map((outcome) => outcome + 2),
    lastValues: outcomes.map((outcome, index) => outcome + (index % 3 === 0 ? -0.1 : 0.1)),
    scales: new Float64Array(count).fill(1),
    outcomes,
    ...change,
  };
}

it("comes to weigh what errs less, and lies between the two", () => {
  const rows = rowsOf(120);
  const combination = new ProtocolCombination(horizonDays);
  const values = combination.replay(rows, { lastDay: 119 });
  expect(combination.weights.lastValue).toBeGreaterThan(0.8);
  expect(combination.weights.lastValue + combination.weights.markets).toBeCloseTo(1, 12);
  values.forEach((value, index) => {
    const [low = 0, high = 0] = [rows.markets[index] ?? 0, rows.lastValues[index] ?? 0].sort((a, b) => a - b);
    expect(value).toBeGreaterThanOrEqual(low);
    expect(value).toBeLessThanOrEqual(high);
  });
});

it("learns of no outcome before its horizon is over, and goes on from what was learned", () => {
  const rows = rowsOf(60);
  const whole = new ProtocolCombination(horizonDays);
  const values = whole.replay(rows, { lastDay: 59 });
  const later = rowsOf(60, {
    outcomes: rows.outcomes.map((outcome, index) => (index < 2 * 40 ? outcome : outcome + 10)),
  });
  const unaware = new ProtocolCombination(horizonDays).replay(later, { lastDay: 59 });
  expect(unaware.subarray(0, 2 * (40 + horizonDays))).toEqual(values.subarray(0, 2 * (40 + horizonDays)));
  expect(unaware).not.toEqual(values);

  const rest = new ProtocolCombination(horizonDays, whole.state);
  rest.replay(rows, { lastDay: 59, learnFromDay: 60 });
  expect(rest.state).toEqual(whole.state);
  rest.replay(rows, { lastDay: 59, learnFromDay: 50 });
  expect(rest.weights.lastValue).toBeGreaterThan(whole.weights.lastValue);
});
