import type { MarketObservation } from "../market-source.ts";
import type { Random } from "./random.ts";
import { createRandom } from "./random.ts";
import type { SimulatedLendingMarket, SimulatedMarket } from "./simulated-markets.ts";

/** Days are whole days since 1970-01-01 UTC. */
export interface SimulatedWindow {
  firstDay: number;
  lastDay: number;
}

/**
 * Every walk starts here, whatever window is asked for, so that a day's values depend on the seed, the market
 * and the day alone: loading again tomorrow adds a day and changes none.
 */
const simulationEpochDay = Date.UTC(2020, 0, 1) / 86_400_000;

const dayMs = 86_400_000;
/** What is left of a market's TVL on the day its protocol is drained. */
const drainedShare = 0.08;

/** The market's observations at every UTC midnight of the window, ascending. Days before 2020 do not exist. */
export function simulateMarket(
  spec: SimulatedMarket,
  window: SimulatedWindow,
  seed: string,
): MarketObservation[] {
  const random = createRandom(`${seed}:${spec.market.id}`);
  const logTvl = createReversion(Math.log(spec.tvlUsd), { pull: 0.004, volatility: spec.tvlVolatility });
  const logReward = createReversion(Math.log(spec.rewardApy ?? 1), { pull: 0.03, volatility: 0.05 });
  const stepYield = spec.model === "lending" ? createLendingYield(spec) : createDexYield(spec);
  const finalDay = spec.lastDay === undefined ? undefined : Date.parse(spec.lastDay) / dayMs;

  const observations: MarketObservation[] = [];
  for (let day = simulationEpochDay; day <= window.lastDay; day += 1) {
    // Every walk advances every day, also before the window: the draws must not depend on the window.
    const tvl = Math.exp(logTvl(random));
    const reward = Math.exp(logReward(random));
    const yields = stepYield(random);
    if (day < window.firstDay) {
      continue;
    }
    const apyReward = spec.rewardApy === undefined ? null : round(reward, 5);
    const isDrained = day === finalDay;
    observations.push({
      observed_at: new Date(day * dayMs),
      tvl_usd: Math.round(isDrained ? tvl * drainedShare : tvl),
      apy: round(yields.apy_base + (apyReward ?? 0), 5),
      apy_base: yields.apy_base,
      apy_reward: apyReward,
      apy_base_borrow: yields.apy_base_borrow,
      utilization: yields.utilization,
      frozen: spec.model === "lending" ? isDrained : null,
      paused: spec.model === "lending" ? isDrained : null,
      quality: [],
    });
  }
  return observations;
}

interface Yields {
  apy_base: number;
  apy_base_borrow: number | null;
  utilization: number | null;
}

type Step<TValue> = (random: Random) => TValue;

interface ReversionOptions {
  /** Share of the distance to the mean that is made up every day. */
  pull: number;
  /** Standard deviation of the daily shock. */
  volatility: number;
  /** Probability of a jump on any day, and the jump's standard deviation. */
  jumps?: { probability: number; size: number };
}

/** A discrete Ornstein–Uhlenbeck walk with optional jumps, started at its mean. */
function createReversion(mean: number, { pull, volatility, jumps }: ReversionOptions): Step<number> {
  let value = mean;
  return (random) => {
    const shock = volatility * random.normal();
    const jump =
      jumps !== undefined && random.uniform() < jumps.probability ? jumps.size * random.normal() : 0;
    value += pull * (mean - value) + shock + jump;
    return value;
  };
}

function createDexYield({ feeApy, apyVolatility }: { feeApy: number; apyVolatility: number }): Step<Yields> {
  const logApy = createReversion(Math.log(feeApy), {
    pull: 0.22,
    volatility: apyVolatility,
    jumps: { probability: 0.03, size: 0.9 },
  });
  return (random) => ({
    apy_base: round(Math.exp(logApy(random)), 5),
    apy_base_borrow: null,
    utilization: null,
  });
}

/** Utilization wanders between 0 and 1; the borrow rate follows it, and lenders earn what borrowers pay. */
function createLendingYield(spec: SimulatedLendingMarket): Step<Yields> {
  const logit = createReversion(Math.log(spec.utilization / (1 - spec.utilization)), {
    pull: 0.05,
    volatility: 0.11,
    jumps: { probability: 0.015, size: 0.7 },
  });
  const logNoise = createReversion(0, { pull: 0.15, volatility: 0.03 });
  const reserveFactor = 0.1;
  return (random) => {
    const utilization = round(1 / (1 + Math.exp(-logit(random))), 6);
    const rate = borrowRate(utilization, spec) * Math.exp(logNoise(random));
    return {
      apy_base: round(100 * Math.expm1(rate * utilization * (1 - reserveFactor)), 5),
      apy_base_borrow: round(100 * Math.expm1(rate), 5),
      utilization,
    };
  };
}

function borrowRate(utilization: number, spec: SimulatedLendingMarket): number {
  const { kink, rateAtKink, rateAtFull } = spec;
  return utilization <= kink
    ? 0.005 + ((rateAtKink - 0.005) * utilization) / kink
    : rateAtKink + ((rateAtFull - rateAtKink) * (utilization - kink)) / (1 - kink);
}

function round(value: number, decimals: number): number {
  const scale = 10 ** decimals;
  return Math.round(value * scale) / scale;
}
