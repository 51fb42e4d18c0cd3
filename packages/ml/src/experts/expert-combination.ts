import { at } from "../numbers.ts";
import type { MarketSeries } from "../panel/market-series.ts";
import type { SampleTable } from "../panel/sample-table.ts";
import { DelayedWeights, type WeightsState } from "./delayed-weights.ts";
import { expertNames } from "./experts.ts";

/** What was learned of the experts. JSON. */
export interface CombinationState {
  /** From all markets of a kind. */
  kinds: Record<string, WeightsState>;
  /** From each market's own outcomes, by its id. */
  markets: Record<string, WeightsState>;
}

/** Rows to forecast, in any order, and what the model says of each: natural units, NaN where there is no model. */
export interface ExpertRows {
  table: SampleTable;
  /** The markets that the table's rows count. */
  panel: readonly Pick<MarketSeries, "kind" | "market_id">[];
  rows: Int32Array;
  model: Float64Array;
  /** What follows for each from its day's data, without a fit; NaN where nothing does. */
  projection: Float64Array;
}

/** The weighted forecasts of rows, aligned with them. */
export interface CombinedForecasts {
  /** Natural units. */
  values: Float64Array;
  /** Row-major, rows × experts. */
  weights: Float64Array;
}

/** Up to when a replay goes, and which of its rows are news to the weights. */
export interface ReplayOptions {
  /** Outcomes known at the end of this day are taken in at last. */
  lastDay: number;
  /** Rows of earlier days are forecast, but not learned from: they have been. @default all rows */
  learnFromDay?: number;
}

/** Forecasts of one day and kind of market that wait for their outcomes. */
interface Round {
  day: number;
  kind: string;
  positions: number[];
}

/** Replayed so far; arrays are aligned with the rows. */
interface Replayed extends CombinedForecasts {
  /** What the weights of all markets of the kind say, without the market's own outcomes. */
  pooled: Float64Array;
}

/**
 * Forecasts as weighted means of baselines and model, with weights learned from outcomes as they become known (see
 * {@link DelayedWeights}): those of each kind of market from all its markets, and from there on by each market's own outcomes, at
 * a rate of their own, so that a market with few of them has the weights of all. A round is a day; its loss is the absolute error
 * relative to 1 + the market's level, so that pools at hundreds of percent do not decide for all, and for a kind the mean over its
 * markets. On a day, the weights know the outcomes of forecasts that are at least the horizon old, and nothing later.
 */
export class ExpertCombination {
  readonly #prior: readonly number[];
  readonly #horizonDays: number;
  readonly #kinds: Map<string, DelayedWeights>;
  readonly #markets: Map<string, DelayedWeights>;

  constructor(prior: readonly number[], horizonDays: number, state?: CombinationState) {
    this.#prior = prior;
    this.#horizonDays = horizonDays;
    const restored = (learned: Record<string, WeightsState> = {}) =>
      new Map(
        Object.entries(learned).map(([name, each]) => [name, new DelayedWeights(prior, horizonDays, each)]),
      );
    this.#kinds = restored(state?.kinds);
    this.#markets = restored(state?.markets);
  }

  get state(): CombinationState {
    return { kinds: statesOf(this.#kinds), markets: statesOf(this.#markets) };
  }

  /** Goes through rows by day, forecasts each and learns on the way. O(rows · experts). */
  replay(source: ExpertRows, options: ReplayOptions): CombinedForecasts {
    const { lastDay, learnFromDay = Number.NEGATIVE_INFINITY } = options;
    const count = source.rows.length;
    const combined = {
      values: new Float64Array(count),
      pooled: new Float64Array(count),
      weights: new Float64Array(count * expertNames.length),
    };
    let pending: Round[] = [];
    const settle = (day: number) => {
      const isDue = (round: Round) => round.day + this.#horizonDays <= day;
      for (const round of pending.filter(isDue)) this.#learn(source, combined, round);
      pending = pending.filter((round) => !isDue(round));
    };
    for (const round of roundsOf(source)) {
      settle(round.day);
      for (const position of round.positions) this.#forecast(source, combined, position);
      if (round.day >= learnFromDay) pending.push(round);
    }
    settle(lastDay);
    return combined;
  }

  #forecast(source: ExpertRows, combined: Replayed, position: number): void {
    const said = saidOf(source, position);
    const { kind, market_id } = marketOf(source, position);
    const ofKind = this.#learnerOf(this.#kinds, kind);
    const weights = this.#learnerOf(this.#markets, market_id).weights(said, ofKind);
    combined.weights.set(weights, position * expertNames.length);
    combined.values[position] = weightedMean(weights, said);
    combined.pooled[position] = weightedMean(ofKind.weights(said), said);
  }

  #learn(source: ExpertRows, { values, pooled }: Replayed, { kind, positions }: Round): void {
    const { table, rows } = source;
    const sums = new Float64Array(expertNames.length);
    let known = 0;
    for (const position of positions) {
      const row = at(rows, position);
      const outcome = at(table.target, row);
      if (Number.isNaN(outcome)) continue;
      known += 1;
      const said = saidOf(source, position);
      const gradientAt = (value: number) => {
        const slope = Math.sign(value - outcome) / (1 + Math.abs(at(table.baselines.ewma_half_life_5d, row)));
        return said.map((each) => (Number.isNaN(each) ? 0 : slope * (each - value)));
      };
      this.#learnerOf(this.#markets, marketOf(source, position).market_id).learn(
        gradientAt(at(values, position)),
      );
      gradientAt(at(pooled, position)).forEach((each, expert) => {
        sums[expert] = at(sums, expert) + each;
      });
    }
    if (known > 0) this.#learnerOf(this.#kinds, kind).learn(sums.map((sum) => sum / known));
  }

  #learnerOf(learners: Map<string, DelayedWeights>, name: string): DelayedWeights {
    const learner = learners.get(name) ?? new DelayedWeights(this.#prior, this.#horizonDays);
    learners.set(name, learner);
    return learner;
  }
}

function statesOf(learners: ReadonlyMap<string, DelayedWeights>): Record<string, WeightsState> {
  return Object.fromEntries(
    [...learners]
      .filter(([, learner]) => learner.rate !== Number.POSITIVE_INFINITY)
      .sort(([left], [right]) => (left < right ? -1 : 1))
      .map(([name, learner]) => [name, learner.state]),
  );
}

function weightedMean(weights: Float64Array, said: readonly number[]): number {
  return weights.reduce((sum, weight, expert) => (weight === 0 ? sum : sum + weight * at(said, expert)), 0);
}

function marketOf(
  { table, panel, rows }: ExpertRows,
  position: number,
): Pick<MarketSeries, "kind" | "market_id"> {
  const market = panel[at(table.market, at(rows, position))];
  if (market === undefined) throw new Error(`Row ${at(rows, position)} is of no market of the panel.`);
  return market;
}

/** Kinds of each day, days ascending; positions as the rows are in the table, so that sums do not depend on the order given. */
function roundsOf(source: ExpertRows): Round[] {
  const { table, rows } = source;
  const order = Array.from(rows.keys()).sort(
    (left, right) =>
      at(table.day, at(rows, left)) - at(table.day, at(rows, right)) || at(rows, left) - at(rows, right),
  );
  const rounds = new Map<string, Round>();
  for (const position of order) {
    const row = at(rows, position);
    const day = at(table.day, row);
    const { kind } = marketOf(source, position);
    const key = `${day}:${kind}`;
    const round = rounds.get(key) ?? { day, kind, positions: [] };
    rounds.set(key, round);
    round.positions.push(position);
  }
  return [...rounds.values()];
}

/** What every expert says of a row, in the order of their names. */
function saidOf({ table, rows, model, projection }: ExpertRows, position: number): number[] {
  const row = at(rows, position);
  return expertNames.map((name) => {
    if (name === "model") return at(model, position);
    return name === "projection" ? at(projection, position) : at(table.baselines[name], row);
  });
}
