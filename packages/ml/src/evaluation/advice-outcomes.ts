import type { HeldShare, MarketAdvice, MarketCandidate } from "../advice/advice-types.ts";
import { assumedGasUsd } from "../advice/moving-costs.ts";
import { realisedGain } from "../advice/realised-gain.ts";
import { mean } from "../numbers.ts";
import type { AdviceBaselines } from "./advice-report.ts";

/** A day on which holders are advised. */
export interface AdviceDay {
  readonly day: number;
  readonly round: number;
  readonly markets: readonly MarketCandidate[];
  /** Mean APY of a market from the day after until the horizon, percent; NaN where too few days were observed. */
  readonly realised: (marketId: string, day: number) => number;
}

/** So many markets begin a start on each day. */
const startsInMarkets = 2;

/** Nothing; half in one market; and all of it in two: markets that the rounds take in turn. */
export function startsOf({ round }: AdviceDay, eligible: readonly MarketCandidate[]): HeldShare[][] {
  const marketAt = (place: number) => eligible[(round * startsInMarkets + place) % eligible.length];
  const halvesIn = (markets: readonly (MarketCandidate | undefined)[]) =>
    [...new Set(markets)].flatMap((market) =>
      market === undefined
        ? []
        : [{ protocol: market.protocol, market_id: market.market_id, basis_points: 5_000 }],
    );
  const starts = Array.from({ length: Math.min(startsInMarkets, eligible.length) }, (_, start) => start);
  return [
    [],
    ...starts.map((start) => halvesIn([marketAt(start)])),
    ...(eligible.length > 1 ? starts.map((start) => halvesIn([marketAt(start), marketAt(start + 1)])) : []),
  ];
}

/** What the target earned more than the present shares. */
export function realisedImprovement(advice: MarketAdvice, { day, realised }: AdviceDay): number {
  const earned = advice.lines.map(({ apy, impermanent_loss, market_id, ...line }) => ({
    ...line,
    apy: apy?.value ?? null,
    impermanent_loss: impermanent_loss.apy,
    earned: realised(market_id ?? "", day),
  }));
  return realisedGain(earned, advice.annual_cost).gain;
}

/** What simple rules would have brought instead, without dilution: gas for what is left and entered. */
export function baselinesOf(
  { day, realised }: AdviceDay,
  facts: {
    readonly eligible: readonly MarketCandidate[];
    readonly held: readonly HeldShare[];
    readonly amountUsd: number;
    readonly horizonDays: number;
  },
): AdviceBaselines {
  const { eligible, held, amountUsd, horizonDays } = facts;
  const earned = ({ market_id }: Pick<MarketCandidate, "market_id">) => {
    const apy = realised(market_id, day);
    return Number.isNaN(apy) ? 0 : apy;
  };
  const present = held.reduce(
    (sum, { market_id, basis_points }) =>
      sum + (basis_points * earned({ market_id: market_id ?? "" })) / 10_000,
    0,
  );
  const gasOf = (markets: readonly MarketCandidate[]) =>
    (markets.reduce((sum, { chain }) => sum + assumedGasUsd(chain), 0) / amountUsd) *
    100 *
    (365 / horizonDays);
  const leaving = eligible.filter(({ market_id }) => held.some((share) => share.market_id === market_id));
  const moveTo = (markets: readonly MarketCandidate[]) => {
    // What is held already is touched once.
    const touched = [...new Set([...leaving, ...markets])];
    return mean(markets.map(earned)) - present - gasOf(touched);
  };
  const best = (value: (market: MarketCandidate) => number) =>
    eligible.toSorted((one, other) => value(other) - value(one)).slice(0, 1);
  const current = ({ apy_base, apy_reward }: MarketCandidate) => (apy_base ?? 0) + (apy_reward ?? 0);
  return {
    hold: 0,
    equal_weights: moveTo(eligible),
    highest_current_apy: moveTo(best(current)),
    oracle: Math.max(0, moveTo(best(earned))),
  };
}
