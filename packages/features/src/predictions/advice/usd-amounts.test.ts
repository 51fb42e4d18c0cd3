import fc from "fast-check";
import { expect, it } from "vitest";
import { fromCents, sharesInCents, toCents } from "./usd-amounts.ts";

it("reads and writes amounts to the cent", () => {
  expect(toCents("10000")).toBe(1_000_000n);
  expect(toCents("0.5")).toBe(50n);
  expect(["0.05", "10000.50", "999999999999.99"].map((amount) => fromCents(toCents(amount)))).toEqual([
    "0.05",
    "10000.50",
    "999999999999.99",
  ]);
  expect(fromCents(-1n)).toBe("-0.01");
});

it("shares every amount out to the cent", () => {
  fc.assert(
    fc.property(
      fc.bigInt({ min: 1n, max: 10n ** 14n }),
      fc.array(fc.integer({ min: 0, max: 10_000 }), { maxLength: 8 }),
      (cents, cuts) => {
        const edges = [0, ...cuts.toSorted((left, right) => left - right), 10_000];
        const basisPoints = edges.slice(1).map((edge, index) => edge - (edges[index] ?? 0));
        const shares = sharesInCents(cents, basisPoints);
        expect(shares.reduce((sum, share) => sum + share, 0n)).toBe(cents);
        for (const [index, share] of shares.entries()) {
          const exact = (Number(cents) * (basisPoints[index] ?? 0)) / 10_000;
          expect(Math.abs(Number(share) - exact)).toBeLessThan(1.001);
        }
      },
    ),
    { numRuns: 200, seed: 1 },
  );
});
