/** US dollars in one market. All of DeFi together has stayed below it. */
export const tvlMax = 1e12;

/** A TVL is compared with what was believed of its market so many days before. */
const daysBefore = 30;

/**
 * A TVL of more than a billion dollars that is 100,000 times the largest of the last 30 days is one without its decimals, of
 * which the fewest are six. Markets grow from thousands to billions in weeks.
 */
const missingDecimals = { factor: 100_000, from: 1e9 } as const;

/**
 * A TVL that is 500 times each of the three before it is doubted, such as one in another unit, when its market is known from seven
 * rows at least and had a thousand dollars: a new or an empty market does grow like that. After two days at the new level it is
 * believed.
 *
 * Where such a market of the files that we train on grew most in a row, it was to the 281-fold; in the third of the pools that was
 * kept aside while the factor was chosen, to the 54-fold. With fewer rows before, one of these grew to the 640-fold.
 */
const jump = {
  factor: 500,
  rowsCompared: 3,
  rowsKnown: 7,
  tvlKnown: 1_000,
  daysDoubted: 2,
  sameLevel: 10,
} as const;

/** How many decimals units have that TVLs are given in by mistake: USDC's, those of most price feeds, and those of most tokens. */
export const unitDecimals = [6, 8, 18] as const;
/** Decimals that a TVL was given without. */
export type UnitDecimals = (typeof unitDecimals)[number];

/** What a doubted TVL comes to with its decimals may be so many times the largest of the three rows before, or so small a part of it. */
const decimalsFactor = 2;

const dayMs = 86_400_000;

/** What is judged. */
interface TvlReading {
  readonly observed_at: Date;
  readonly tvl_usd: number | null;
}

/** What is held against a TVL. */
interface TvlDoubt {
  readonly reason: string;
  /** With these decimals the TVL is what its market had. Undefined when it is with none, and so says nothing. */
  readonly decimals?: UnitDecimals;
}

/** Judges the TVLs of one market, in the order of time. */
export interface TvlJudge {
  /** Why a TVL is not believed as it stands, or undefined when it is, or is unknown. */
  judge(reading: TvlReading): TvlDoubt | undefined;
}

interface Known {
  readonly time: number;
  readonly tvl: number;
}

/** Whether a TVL is one that a market can have, whatever it had before. */
export function isPossibleTvl(tvlUsd: number): boolean {
  return tvlUsd >= 0 && tvlUsd <= tvlMax;
}

/**
 * A TVL with the decimals that it was given without, in US dollars: exactly what is in the cell with its point moved, where
 * dividing would round twice.
 */
export function withDecimals(tvlUsd: number, decimals: UnitDecimals): number {
  const [digits, exponent] = tvlUsd.toExponential().split("e");
  return Number(`${digits}e${Number(exponent) - decimals}`);
}

/**
 * A judge who has seen nothing yet. A verdict rests on earlier readings only, so that later data never changes it. O(1) a reading,
 * except above a billion, where it looks back 30 days.
 */
export function createTvlJudge(): TvlJudge {
  /** The believed readings of the last 30 days. */
  let believed: Known[] = [];
  /** Where doubted readings have been, and since when. */
  let doubted: Known | undefined;

  function doubtJump({ time, tvl }: Known): string | undefined {
    const before = largest(believed.slice(-jump.rowsCompared));
    const isKnown = believed.length >= jump.rowsKnown && before >= jump.tvlKnown;
    if (!isKnown || tvl < before * jump.factor) {
      doubted = undefined;
      return undefined;
    }
    if (doubted === undefined || !isSameLevel(doubted.tvl, tvl)) doubted = { time, tvl };
    if (time - doubted.time >= jump.daysDoubted * dayMs) {
      // What comes is compared with the new level.
      believed = [];
      return undefined;
    }
    return `tvl_usd is ${tvl}, ${jump.factor} times or more the ${before} at most of the ${jump.rowsCompared} rows before: is its unit another? It is believed once it has lasted ${jump.daysDoubted} days`;
  }

  return {
    judge({ observed_at, tvl_usd: tvl }) {
      if (tvl === null) return undefined;
      const known = { time: observed_at.getTime(), tvl };
      while (isOlder(believed[0], known.time - daysBefore * dayMs)) believed.shift();
      // The rows that it is compared with are those before a jump is believed.
      const before = largest(believed.slice(-jump.rowsCompared));
      const reason = isPossibleTvl(tvl)
        ? (doubtDecimals(known, believed) ?? doubtJump(known))
        : `tvl_usd is ${tvl}, outside 0 to ${tvlMax}`;
      if (reason === undefined) {
        // What is read with other decimals is not among them: if the market did grow so, that is believed after these 30 days.
        believed.push(known);
        return undefined;
      }
      const decimals = unitDecimals.find((each) => isNear(withDecimals(tvl, each), before));
      if (decimals === undefined) return { reason };
      const read = withDecimals(tvl, decimals);
      return { reason: `${reason}; with ${decimals} decimals it is ${read}, which is read`, decimals };
    },
  };
}

function isNear(tvl: number, before: number): boolean {
  return tvl > 0 && tvl <= before * decimalsFactor && tvl >= before / decimalsFactor;
}

function doubtDecimals({ tvl }: Known, believed: readonly Known[]): string | undefined {
  if (tvl <= missingDecimals.from) return undefined;
  const before = largest(believed);
  if (before <= 0 || tvl / before < missingDecimals.factor) return undefined;
  return `tvl_usd is ${tvl}, after ${before} at most in the last ${daysBefore} days: are its decimals missing?`;
}

function isOlder(reading: Known | undefined, than: number): boolean {
  return reading !== undefined && reading.time < than;
}

function largest(readings: readonly Known[]): number {
  return readings.reduce((most, { tvl }) => Math.max(most, tvl), 0);
}

function isSameLevel(left: number, right: number): boolean {
  return Math.max(left, right) <= Math.min(left, right) * jump.sameLevel;
}
