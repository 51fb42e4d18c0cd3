import { expect, it } from "vitest";
import { type Moves, protocolStress } from "./stress.ts";

const days = 100;
const stressDay = 90;

/** Markets that move by about one scale a day, of which so many jump on one day. */
function markets(protocol: string, jumping: number): Moves[] {
  return Array.from({ length: 10 }, (_unused, market) => ({
    protocol,
    firstDay: 0,
    values: Float64Array.from({ length: days }, (_value, day) => {
      const jump = market < jumping && day >= stressDay ? 6 : 0;
      return jump + 0.5 * Math.sin(1.7 * day + market);
    }),
    scales: new Float64Array(days).fill(1),
  }));
}

it("widens when many markets of a protocol move at once, for three days, and for that protocol only", () => {
  const stressOf = protocolStress([...markets("shaken", 8), ...markets("calm", 0)]);
  const factors = [-1, 0, 1, 2, 3].map((after) => stressOf("shaken", stressDay + after));
  expect(factors[0]).toBe(1);
  for (const factor of factors.slice(1, 4)) expect(factor).toBeGreaterThan(1.5);
  expect(factors[4]).toBeLessThan(1.1);
  for (let day = 0; day < days; day += 1) expect(stressOf("calm", day)).toBeLessThan(1.1);
});

it("takes one market that jumps for less than many, and knows no stress before it knows what is usual", () => {
  const [one = 0, many = 0] = [1, 8].map((jumping) => protocolStress(markets("p", jumping))("p", stressDay));
  expect(one).toBeLessThan(many / 1.3);
  const early = markets("p", 0).map((moves) => ({
    ...moves,
    values: moves.values.map((value, day) => (day < 9 ? value : value + 9 * day)),
  }));
  expect(protocolStress(early)("p", 10)).toBe(1);
  expect(protocolStress([])("p", 10)).toBe(1);
});

it("of a day is not changed by later days", () => {
  const known = protocolStress(markets("p", 8));
  const cut = markets("p", 8).map((moves) => ({ ...moves, values: moves.values.subarray(0, stressDay + 1) }));
  expect(protocolStress(cut)("p", stressDay)).toBe(known("p", stressDay));
});
