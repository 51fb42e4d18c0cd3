import type { MarketObservation } from "./market-source.ts";
import {
  createTvlJudge,
  isPossibleTvl,
  type TvlJudge,
  type UnitDecimals,
  unitDecimals,
  withDecimals,
} from "./tvl-judge.ts";

/**
 * What is known against an observation. Flagged observations are stored, never dropped; models leave out what is impossible.
 * Except for `same_day`, a flag depends on the observation and earlier ones only, so that later data never
 * changes it and a backtest sees what was knowable then.
 *
 * - `same_day`: a later observation of the same market exists on the same UTC day.
 * - `gap`: at least {@link gapMissingDays} UTC days without an observation lie before it.
 * - `stuck`: it repeats the APY (not zero), TVL and utilization of its predecessors without a change, on at
 *   least {@link stuckDays} UTC days including its own. The first six days of such a run are not flagged:
 *   on those days nobody could know.
 * - `impossible`: an APY (total, base, reward, borrow) below −100 %, above 1,000,000 % or not finite. Models leave the
 *   observation out.
 * - `impossible_tvl`: TVL negative, not finite, above `tvlMax`, or far above what the market had: one without its decimals, or in
 *   another unit (`tvl-judge.ts`). Models take the TVL for unknown and read the rest.
 * - `tvl_without_6_decimals`, `…_8_…`, `…_18_…`: the same, but with so many decimals the TVL is what the market had, which is what
 *   models read ({@link readTvl}).
 * - `impossible_utilization`: outside 0 … 1 by more than {@link utilizationTolerance}, or not finite. Models take it for
 *   unknown and read the rest.
 */
export type QualityFlag =
  | "same_day"
  | "gap"
  | "stuck"
  | "impossible"
  | "impossible_tvl"
  | "impossible_utilization"
  | `tvl_without_${UnitDecimals}_decimals`;

/** Every flag, in the order in which an observation lists them. */
export const qualityFlags: readonly QualityFlag[] = [
  "same_day",
  "gap",
  "stuck",
  "impossible",
  "impossible_tvl",
  "impossible_utilization",
  "tvl_without_6_decimals",
  "tvl_without_8_decimals",
  "tvl_without_18_decimals",
];

/** So many whole UTC days without an observation, and the next one is flagged `gap`. */
const gapMissingDays = 2;
/** So many UTC days with an unchanged reading, and it is flagged `stuck`. */
const stuckDays = 7;
/** Percent a year. */
const apyMin = -100;
/** Percent a year. Real pools reach 355,083 % in the files we train on. */
export const apyMax = 1_000_000;
/**
 * Utilization is published rounded to six decimals, and a reserve lent out completely shows as 1.000002.
 * Excluding those days would hide a market's most dangerous state from the models.
 */
const utilizationTolerance = 1e-5;

const dayMs = 86_400_000;

/** Hears of every value that is flagged as impossible, with the reason. */
export type OnImpossible = (observation: number, reason: string) => void;

/**
 * Sets `quality` of one market's observations in place and counts the flags into `counts`. O(n), except where TVLs are
 * above a billion: there each looks back 30 days.
 *
 * @param observations ascending by `observed_at`, distinct.
 */
export function flagObservations(
  observations: readonly MarketObservation[],
  counts: Record<QualityFlag, number>,
  onImpossible: OnImpossible = () => {},
): void {
  let unchangedDays = 0;
  const tvls = createTvlJudge();
  for (const [index, observation] of observations.entries()) {
    const previous = observations[index - 1];
    const next = observations[index + 1];
    const day = utcDay(observation);
    const isNewDay = previous === undefined || utcDay(previous) !== day;
    if (previous === undefined || !repeats(previous, observation)) {
      unchangedDays = 1;
    } else if (isNewDay) {
      unchangedDays += 1;
    }

    const quality: QualityFlag[] = [];
    if (next !== undefined && utcDay(next) === day) {
      quality.push("same_day");
    }
    if (previous !== undefined && day - utcDay(previous) - 1 >= gapMissingDays) {
      quality.push("gap");
    }
    if (unchangedDays >= stuckDays) {
      quality.push("stuck");
    }
    for (const [flag, reason] of impossibleValues(observation, tvls)) {
      quality.push(flag);
      onImpossible(index, reason);
    }
    observation.quality = quality;
    for (const flag of quality) {
      counts[flag] += 1;
    }
  }
}

/** A count of zero for every flag. */
export function emptyFlagCounts(): Record<QualityFlag, number> {
  return {
    same_day: 0,
    gap: 0,
    stuck: 0,
    impossible: 0,
    impossible_tvl: 0,
    impossible_utilization: 0,
    tvl_without_6_decimals: 0,
    tvl_without_8_decimals: 0,
    tvl_without_18_decimals: 0,
  };
}

/**
 * The TVL that an observation tells, in US dollars: as it stands, with the decimals that it was given without, or null when it is
 * unknown. What was stored before there were flags of a TVL has none, and is judged by itself.
 */
export function readTvl(tvlUsd: number | null, quality: readonly string[]): number | null {
  if (tvlUsd === null || quality.includes("impossible_tvl")) return null;
  const decimals = unitDecimals.find((each) => quality.includes(`tvl_without_${each}_decimals`));
  const read = decimals === undefined ? tvlUsd : withDecimals(tvlUsd, decimals);
  return isPossibleTvl(read) ? read : null;
}

/** Whether a utilization is one that a market can have. */
export function isPossibleUtilization(utilization: number): boolean {
  return utilization >= -utilizationTolerance && utilization <= 1 + utilizationTolerance;
}

function impossibleValues(
  observation: MarketObservation,
  tvls: TvlJudge,
): [flag: QualityFlag, reason: string][] {
  const found: [QualityFlag, string][] = [];
  for (const name of ["apy", "apy_base", "apy_reward", "apy_base_borrow"] as const) {
    const apy = observation[name];
    // Written as negations so that NaN, which no comparison accepts, counts as outside.
    if (apy === null || (apy >= apyMin && apy <= apyMax)) continue;
    found.push(["impossible", `${name} is ${apy} %, outside ${apyMin} to ${apyMax}`]);
    break;
  }
  const doubt = tvls.judge(observation);
  if (doubt !== undefined) {
    const { decimals, reason } = doubt;
    found.push([decimals === undefined ? "impossible_tvl" : `tvl_without_${decimals}_decimals`, reason]);
  }
  const { utilization } = observation;
  if (utilization !== null && !isPossibleUtilization(utilization)) {
    found.push(["impossible_utilization", `utilization is ${utilization}, outside 0 to 1`]);
  }
  return found;
}

function utcDay(observation: MarketObservation): number {
  return Math.floor(observation.observed_at.getTime() / dayMs);
}

function repeats(previous: MarketObservation, current: MarketObservation): boolean {
  return (
    current.apy !== null &&
    current.apy !== 0 &&
    current.apy === previous.apy &&
    current.tvl_usd === previous.tvl_usd &&
    current.utilization === previous.utilization
  );
}
