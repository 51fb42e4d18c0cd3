import type { AllocationRequest } from "../src/allocation/allocation-types.ts";
import { limitsForTolerance } from "../src/allocation/limits.ts";

/** Protocols in every request. */
export const protocolCount = 50;

/**
 * One random request; the same index and seed give the same one. Risk scores cover the whole range of the RiskEngine.
 * Of every twelve requests in a row, half start from holdings, half have yields that rise with risk (2 % and more by
 * the score, give or take one point), which leaves hardly any protocol out of the question; the yields of the others
 * are spread log-normally around 8 % whatever the risk. Intervals are up to as wide as the APY on either side.
 */
export function drawRequest(index: number, seed: number): AllocationRequest {
  const random = createRandom(seed + index);
  const tolerance = (["low", "medium", "high"] as const)[index % 3] ?? "medium";
  const hasHoldings = Math.floor(index / 3) % 2 === 1;
  return {
    candidates: Array.from({ length: protocolCount }, (_, protocol) => {
      const riskScore = 5 + Math.floor(random() * 91);
      const apy = risesWithRisk(index)
        ? Math.max(0, 2 + riskScore / 5 + normal(random))
        : 8 * Math.exp(0.9 * normal(random));
      return {
        protocol: `protocol-${protocol}`,
        status: "active" as const,
        expected_apy: apy,
        expected_apy_lower: apy * (1 - random()),
        expected_apy_upper: apy * (1 + random()),
        interval_level: 0.9,
        risk_score: riskScore,
      };
    }),
    current: hasHoldings ? drawHoldings(random) : null,
    limits: limitsForTolerance(tolerance),
    costs: { cost_bp: 10, holding_period_days: 30 },
    rebalance_threshold_bp: 500,
  };
}

/** Whether the yields of this request rise with risk. */
export function risesWithRisk(index: number): boolean {
  return Math.floor(index / 6) % 2 === 1;
}

function drawHoldings(random: () => number): Record<string, number> {
  const count = 3 + Math.floor(random() * 5);
  const first = Math.floor(random() * (protocolCount - count));
  const cuts = Array.from({ length: count - 1 }, () => Math.floor(random() * 10_001)).sort((a, b) => a - b);
  const edges = [0, ...cuts, 10_000];
  return Object.fromEntries(
    Array.from({ length: count }, (_, place) => [
      `protocol-${first + place}`,
      (edges[place + 1] ?? 0) - (edges[place] ?? 0),
    ]),
  );
}

/** A standard normal number, by Box and Muller's transform. */
function normal(random: () => number): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}

/** Mulberry32: uniform numbers from 0 (included) to 1, enough for a benchmark. */
function createRandom(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
