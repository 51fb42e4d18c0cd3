import type { Distribution, ForecastSpace, Interval } from "../forecast/forecast-space.ts";
import { forward, intervalAt, inverse } from "../forecast/forecast-space.ts";
import { at, clamp } from "../numbers.ts";
import type { CalibrationRules } from "./calibration-rules.ts";
import { servedRules } from "./calibration-rules.ts";
import { confidenceAt } from "./confidence.ts";
import { confidenceKnots } from "./confidence-map.ts";
import type { Calibration } from "./conformal.ts";
import { calibrate, calibrationGroup, conformalQuantile, selectRegime } from "./conformal.ts";
import type { ForecastHistory } from "./forecast-history.ts";
import { intervalLevels } from "./interval-levels.ts";
import type { Issued } from "./issued-forecasts.ts";
import { concatenate, missesOf, withOutcome } from "./issued-forecasts.ts";

/** Forecasts made longer ago than this no longer calibrate: markets change. */
const windowDays = 60;

/**
 * How far one day's share of misses moves a protocol's miscoverage: the step γ of adaptive conformal inference, as a share of the
 * miscoverage promised, so that narrow intervals follow as fast as wide ones.
 */
const adaptationStep = 0.1;
/** A day with fewer forecasts than this moves it by less. */
const fullStepForecasts = 20;
/** The miscoverage used stays between these multiples of the one promised. */
const miscoverageMin = 0.15;
const miscoverageMax = 1.5;

/** With fewer outcomes of moving, or of flat, markets, those of all calibrate theirs. */
const regimeSizeMin = 200;
/** From this level on, an interval of a flat market is also as wide as those of all: what matters there is that it begins to move. */
const wakingLevelMin = 0.9;

/** One forecast's point in the modelled space. */
export interface ForecastPoint {
  centre: number;
  scale: number;
  protocol: number;
  /** Whether the value has moved lately. */
  moving: boolean;
}

/** The miscoverage of each level, adapted to the misses of a protocol, or of its markets of a regime. */
type Adapted = readonly number[];

/**
 * Intervals and confidence that stay calibrated through drift. Day by day: outcomes that became known are taken in,
 * forecasts older than 60 days are let go, and the day's intervals are made from what remains. Two parts:
 *
 * - the width is a split-conformal quantile of recent errors of forecasts of similar scale (see `conformal.ts`), among markets that
 *   have moved lately, or among those that have been flat; a moving
 *   window is the simplest weighting by recency (Barber, Candès, Ramdas and Tibshirani, "Conformal prediction
 *   beyond exchangeability", Annals of Statistics 2023);
 * - the level of that quantile follows the misses of each protocol's moving and of its flat markets, α ← α + γ(α* − share missed) (Gibbs
 *   and Candès, "Adaptive conformal inference under distribution shift", NeurIPS 2021), learned with the delay of the horizon. Windows of
 *   neighbouring days overlap and markets move together, so what the outcomes show is less than their number says: for moving markets the
 *   miscoverage is n / (n + 0.15) of that, n the number of horizons that the outcomes are of. The rules are in `calibration-rules.ts`.
 *
 * Nothing reads an outcome before the day on which it is known: day + horizon.
 */
export class AdaptiveCalibration {
  readonly #space: ForecastSpace;
  readonly #horizonDays: number;
  #pending: Issued[] = [];
  #window: Issued[] = [];
  readonly #rules: CalibrationRules;
  #miscoverage = new Map<string, Adapted>();
  #calibration: Calibration = calibrate({ residuals: new Float64Array(), scales: new Float64Array() });
  /** By regime: of flat markets, and of those that move. */
  #regimes: [Calibration, Calibration] = [this.#calibration, this.#calibration];

  constructor(space: ForecastSpace, horizonDays: number, rules: CalibrationRules = servedRules) {
    this.#space = space;
    this.#horizonDays = horizonDays;
    this.#rules = rules;
  }

  /** Outcomes behind today's intervals. */
  get outcomeCount(): number {
    return this.#calibration.n;
  }

  /**
   * Goes through a history, issuing every forecast on its day, up to and including `lastDay`.
   *
   * @param onForecast called with the index of each forecast and what was issued
   */
  replay(
    history: ForecastHistory,
    lastDay: number,
    onForecast?: (index: number, forecast: Distribution) => void,
  ): void {
    let start = 0;
    while (start < history.days.length && at(history.days, start) <= lastDay) {
      const day = at(history.days, start);
      let end = start;
      while (end < history.days.length && at(history.days, end) === day) end += 1;
      this.advanceTo(day);
      for (let index = start; index < end && onForecast !== undefined; index += 1) {
        const protocol = at(history.protocols, index);
        onForecast(
          index,
          this.distribution({
            centre: at(history.centres, index),
            scale: at(history.scales, index),
            protocol,
            moving: at(history.moving, index) === 1,
          }),
        );
      }
      this.#issue(history, { day, start, end });
      start = end;
    }
    this.advanceTo(lastDay);
  }

  /** Takes in what is known at the end of a day, which must not be before the last one. */
  advanceTo(day: number): void {
    const due = this.#pending.filter((issued) => issued.day + this.#horizonDays <= day);
    const kept = this.#window.filter((issued) => issued.day > day - windowDays);
    if (due.length === 0 && kept.length === this.#window.length) return;
    for (const issued of due) this.#adapt(issued);
    this.#pending = this.#pending.filter((issued) => issued.day + this.#horizonDays > day);
    const recent = due.filter((issued) => issued.day > day - windowDays);
    this.#window = [...kept, ...recent.map(withOutcome)];
    this.#calibrate();
  }

  /** The forecast of a point with its intervals and confidence, from what is known so far. */
  distribution(point: ForecastPoint): Distribution {
    const { centre, scale } = point;
    const value = inverse(this.#space, centre);
    const group = calibrationGroup(this.#calibration, scale);
    const widths = this.#halfWidths(point);
    const intervals = widths.map((halfWidth, index): Interval => {
      const level = intervalLevels[index] ?? 0;
      return intervalAt(this.#space, { centre, halfWidth: halfWidth * scale }, level);
    });
    const confidence = confidenceAt(this.#space, { centre, scale }, group);
    return {
      value,
      intervals: nested(intervals),
      confidence: confidence.corrected(this.#calibration.knots),
      confidenceTolerance: confidence.tolerance,
    };
  }

  #issue(history: ForecastHistory, span: { day: number; start: number; end: number }): void {
    const count = span.end - span.start;
    const issued: Issued = {
      day: span.day,
      protocols: history.protocols.subarray(span.start, span.end),
      scales: history.scales.subarray(span.start, span.end),
      moving: history.moving.subarray(span.start, span.end),
      residuals: new Float64Array(count),
      misses: new Float64Array(count * intervalLevels.length).fill(Number.NaN),
      raw: new Float64Array(count),
      within: new Float64Array(count),
    };
    for (let index = 0; index < count; index += 1) {
      const centre = at(history.centres, span.start + index);
      const scale = at(issued.scales, index);
      const outcome = at(history.outcomes, span.start + index);
      const residual = (forward(this.#space, outcome) - centre) / scale;
      issued.residuals[index] = residual;
      const group = calibrationGroup(this.#calibration, scale);
      const moving = at(issued.moving, index) === 1;
      const point = { centre, scale, protocol: at(issued.protocols, index), moving };
      this.#halfWidths(point).forEach((halfWidth, level) => {
        if (halfWidth === Number.POSITIVE_INFINITY || Number.isNaN(residual)) return;
        issued.misses[index * intervalLevels.length + level] = Math.abs(residual) > halfWidth ? 1 : 0;
      });
      const confidence = confidenceAt(this.#space, { centre, scale }, group);
      issued.raw[index] = group.scores.length === 0 ? Number.NaN : confidence.raw;
      issued.within[index] = Math.abs(outcome - inverse(this.#space, centre)) <= confidence.tolerance ? 1 : 0;
    }
    this.#pending.push(issued);
  }

  /** Half the width of each level's interval, in scales. */
  #halfWidths({ scale, protocol, moving }: ForecastPoint): number[] {
    const adapted = this.#miscoverage.get(this.#keyOf(protocol, moving));
    const windows = this.#window.length / this.#horizonDays;
    // Before the first outcome there are no widths to choose from.
    const seen = moving && windows > 0 ? windows / (windows + this.#rules.unseenWindows) : 1;
    const ofAll = calibrationGroup(this.#calibration, scale).scores;
    const regime = this.#regimes[moving ? 1 : 0];
    const own = regime.n < regimeSizeMin ? ofAll : calibrationGroup(regime, scale).scores;
    return intervalLevels.map((level, index) => {
      const used = 1 - seen * (adapted === undefined ? 1 - level : at(adapted, index));
      const width = conformalQuantile(own, used);
      return moving || level < wakingLevelMin ? width : Math.max(width, conformalQuantile(ofAll, used));
    });
  }

  #adapt(issued: Issued): void {
    const stepOfDay = adaptationStep * Math.min(1, this.#rules.fullStepDays / this.#horizonDays);
    const keyAt = (index: number) => this.#keyOf(at(issued.protocols, index), at(issued.moving, index) === 1);
    for (const [key, members] of Map.groupBy(issued.protocols.keys(), keyAt)) {
      const adapted = this.#miscoverage.get(key) ?? intervalLevels.map((level) => 1 - level);
      this.#miscoverage.set(
        key,
        intervalLevels.map((level, index) => {
          const { count, missed } = missesOf(issued, members, index);
          const target = 1 - level;
          if (count === 0) return at(adapted, index);
          const step = stepOfDay * target * Math.min(1, count / fullStepForecasts);
          const next = at(adapted, index) + step * (target - missed / count);
          return clamp(next, target * miscoverageMin, target * miscoverageMax);
        }),
      );
    }
  }

  #keyOf(protocol: number, moving: boolean): string {
    return this.#rules.levelByRegime ? `${protocol}:${moving}` : String(protocol);
  }

  #calibrate(): void {
    const joined = (read: (issued: Issued) => Float64Array) => concatenate(this.#window.map(read));
    const raw = joined((issued) => issued.raw);
    const stated = (_value: number, index: number) => !Number.isNaN(at(raw, index));
    const knots = confidenceKnots(raw.filter(stated), joined(({ within }) => within).filter(stated));
    const sample = {
      residuals: joined(({ residuals }) => residuals),
      scales: joined(({ scales }) => scales),
    };
    const moving = joined((issued) => Float64Array.from(issued.moving));
    this.#calibration = calibrate(sample, knots);
    this.#regimes = [calibrate(selectRegime(sample, moving, 0)), calibrate(selectRegime(sample, moving, 1))];
  }
}

/** Levels adapt on their own; a wider promise must still contain a narrower one. */
function nested(intervals: readonly Interval[]): Interval[] {
  const result: Interval[] = [];
  for (const interval of intervals) {
    const inner = result.at(-1);
    result.push(
      inner === undefined
        ? interval
        : {
            level: interval.level,
            lower: Math.min(interval.lower, inner.lower),
            upper: Math.max(interval.upper, inner.upper),
            unbounded: interval.unbounded,
          },
    );
  }
  return result;
}
