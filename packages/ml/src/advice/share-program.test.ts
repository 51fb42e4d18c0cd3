import fc from "fast-check";
import { expect, it } from "vitest";
import { randomAdviceRequest } from "../test-support/advice-fixtures.ts";
import { createAdviser } from "./adviser.ts";
import { leastExtraCost, type MarketProblem, type Place, shareMinBp, spreadPieces } from "./share-program.ts";

const places = fc
  .record({
    gasCost: fc.double({ min: 0, max: 40, noNaN: true }),
    enterCost: fc.double({ min: 0, max: 2, noNaN: true }),
    risk: fc.integer({ min: 0, max: 100 }),
    lengths: fc.array(fc.integer({ min: 1, max: 2_000 }), { minLength: 1, maxLength: 5 }),
    apys: fc.array(fc.double({ min: -5, max: 60, noNaN: true }), { minLength: 5, maxLength: 5 }),
  })
  .map(({ lengths, apys, ...place }): Place => {
    const falling = apys.toSorted((left, right) => right - left);
    const pieces = lengths.map((lengthBp, piece) => ({ lengthBp, apy: falling[piece] ?? 0 }));
    const capBp = lengths.reduce((sum, length) => sum + length, 0);
    return {
      ...place,
      pieces,
      capBp,
      protocol: "one",
      chain: null,
      currentBp: 0,
      isLocked: false,
      leaveCost: 0,
    };
  })
  .filter(({ capBp }) => capBp >= shareMinBp);
const problem: MarketProblem = {
  places: [],
  protocolCaps: new Map(),
  chainCaps: new Map(),
  maxRisk: 60,
  riskAversion: 0.05,
};

const costOf = (pieces: readonly { lengthBp: number; cost: number }[], shareBp: number) => {
  let [sum, left] = [0, shareBp];
  for (const { lengthBp, cost } of pieces) {
    sum += Math.min(left, lengthBp) * cost;
    left -= Math.min(left, lengthBp);
  }
  return sum;
};

/** What a share costs with its gas, by hand. */
const paidCost = ({ pieces, gasCost, risk, enterCost }: Place, shareBp: number) =>
  gasCost * 10_000 +
  costOf(
    pieces.map(({ lengthBp, apy }) => ({ lengthBp, cost: problem.riskAversion * risk - apy + enterCost })),
    shareBp,
  );

it("spreads gas so that no share costs less than it says, at rates that never fall", () => {
  fc.assert(
    fc.property(places, fc.double({ min: 0, max: 1, noNaN: true }), (place, part) => {
      const spread = spreadPieces(problem, place);
      const share = part * place.capBp;
      expect(costOf(spread, share)).toBeLessThanOrEqual((share === 0 ? 0 : paidCost(place, share)) + 1e-6);
      spread.slice(1).forEach(({ cost }, piece) => {
        expect(cost).toBeGreaterThanOrEqual((spread[piece]?.cost ?? 0) - 1e-9);
      });
      expect(costOf(spread, place.capBp)).toBeCloseTo(paidCost(place, place.capBp), 5);
    }),
    { numRuns: 200 },
  );
});

it("counts what a new holding costs more than that at no more than any share does", () => {
  fc.assert(
    fc.property(
      places,
      fc.double({ min: 0, max: 3, noNaN: true }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      (place, perBp, part) => {
        const share = shareMinBp + part * (place.capBp - shareMinBp);
        const extra = paidCost(place, share) - costOf(spreadPieces(problem, place), share) + perBp * share;
        expect(leastExtraCost(problem, place, perBp)).toBeLessThanOrEqual(extra + 1e-6);
      },
    ),
    { numRuns: 200 },
  );
});

it("proves that no mix is better by more than is promised, also where gas decides everything", async () => {
  const adviser = await createAdviser();
  // Portfolios of a few hundred dollars, of which each place takes a good part in gas.
  for (const [seed, tolerance] of [
    [160, "low"],
    [52, "low"],
    [389, "medium"],
  ] as const) {
    const { optimality_gap } = adviser.advise({ ...randomAdviceRequest(seed, 500), tolerance });
    expect(optimality_gap).toBeLessThanOrEqual(0.01);
  }
});
