import { createRandom } from "@obsqra/forest";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Distribution } from "../forecast/forecast-space.ts";
import { at } from "../numbers.ts";
import { AdaptiveCalibration } from "./adaptive-calibration.ts";
import { servedRules } from "./calibration-rules.ts";
import { calibrate, calibrationGroup, conformalQuantile } from "./conformal.ts";
import type { ForecastHistory } from "./forecast-history.ts";
import { intervalLevels } from "./interval-levels.ts";

const risk = { kind: "risk", low: 0, high: 100 } as const;
const horizonDays = 7;
const point = { centre: 50, scale: 1, protocol: 0, moving: true };

/** Forecasts of 50 ± a normal error whose deviation depends on the day. */
function stream(plan: {
  days: number;
  perDay: number;
  seed: number;
  deviation?: (day: number) => number;
}): ForecastHistory {
  const random = createRandom(plan.seed);
  const normal = () =>
    Math.sqrt(-2 * Math.log(1 - random.nextFloat())) * Math.cos(2 * Math.PI * random.nextFloat());
  const n = plan.days * plan.perDay;
  const days = Int32Array.from({ length: n }, (_unused, index) => Math.floor(index / plan.perDay));
  return {
    days,
    protocols: days.map((_day, index) => index % 2),
    centres: new Float64Array(n).fill(50),
    scales: new Float64Array(n).fill(1),
    moving: new Uint8Array(n).fill(1),
    outcomes: Float64Array.from(days, (day) => 50 + (plan.deviation?.(day) ?? 1) * normal()),
  };
}

function replayed(history: ForecastHistory, lastDay: number): AdaptiveCalibration {
  const calibration = new AdaptiveCalibration(risk, horizonDays);
  calibration.replay(history, lastDay);
  return calibration;
}

function boundsOf(forecast: Distribution, level: number) {
  const interval = forecast.intervals.find((each) => each.level === level);
  if (interval === undefined) throw new Error(`No interval of level ${level}.`);
  return interval;
}

describe("adaptive calibration", () => {
  it("reads no outcome before it is known, horizon days after its forecast", () => {
    const history = stream({ days: 60, perDay: 5, seed: 1 });
    for (const today of [20, 45]) {
      const outcomes = history.outcomes.map((outcome, index) =>
        at(history.days, index) + horizonDays > today ? 99 : outcome,
      );
      const known = replayed(history, today).distribution(point);
      expect(replayed({ ...history, outcomes }, today).distribution(point)).toEqual(known);
      // One day earlier it is known, and it counts.
      const justKnown = history.outcomes.map((outcome, index) =>
        at(history.days, index) + horizonDays === today ? 99 : outcome,
      );
      expect(replayed({ ...history, outcomes: justKnown }, today).distribution(point)).not.toEqual(known);
    }
  });

  it("issues on each day what it would say at the end of that day", () => {
    const history = stream({ days: 50, perDay: 4, seed: 2 });
    new AdaptiveCalibration(risk, horizonDays).replay(history, 49, (index, issued) => {
      const day = at(history.days, index);
      if (index % 40 !== 0) return;
      const protocol = at(history.protocols, index);
      expect(replayed(history, day).distribution({ ...point, protocol })).toEqual(issued);
    });
  });

  it("says the same whether days pass one by one or at once", () => {
    const history = stream({ days: 80, perDay: 4, seed: 3 });
    const stepwise = new AdaptiveCalibration(risk, horizonDays);
    stepwise.replay(history, 79);
    for (let day = 80; day <= 100; day += 1) stepwise.advanceTo(day);
    expect(stepwise.distribution(point)).toEqual(replayed(history, 100).distribution(point));
  });

  it("forgets forecasts that were made 60 days ago or longer", () => {
    const history = stream({ days: 30, perDay: 10, seed: 4 });
    expect(replayed(history, 29).outcomeCount).toBe(23 * 10);
    expect(replayed(history, 59).outcomeCount).toBe(30 * 10);
    // The forecasts of day 0 … 9 are 60 days old on day 69.
    expect(replayed(history, 69).outcomeCount).toBe(20 * 10);
    const forgotten = replayed(history, 200);
    expect(forgotten.outcomeCount).toBe(0);
    expect(forgotten.distribution(point).intervals.every(({ unbounded }) => unbounded)).toBe(true);
  });

  it("calibrates moving and flat markets apart, and flat ones at 90 % and more also by those that move", () => {
    const history = stream({ days: 60, perDay: 40, seed: 6 });
    // Every second forecast is of a flat market, which errs a hundredth as much.
    const moving = history.moving.map((_flag, index) => index % 2);
    const outcomes = history.outcomes.map((outcome, index) =>
      index % 2 === 1 ? outcome : 50 + (outcome - 50) / 100,
    );
    const calibration = replayed({ ...history, moving, outcomes }, 59);
    const widthsOf = (isMoving: boolean) =>
      calibration
        .distribution({ ...point, moving: isMoving })
        .intervals.map(({ lower, upper }) => (upper - lower) / 2);
    const moves = widthsOf(true);
    const flat = widthsOf(false);
    for (const level of [0, 1]) expect(at(moves, level) / at(flat, level)).toBeCloseTo(100, -2);
    for (const level of [2, 3]) expect(at(flat, level)).toBeGreaterThan(at(moves, 0));
  });

  it("never says that a value which has not moved in all its history is certain not to", () => {
    const still = stream({ days: 60, perDay: 40, seed: 6, deviation: () => 0 });
    for (const space of [risk, { kind: "yield", low: 0, high: 500 } as const]) {
      const calibration = new AdaptiveCalibration(space, horizonDays);
      const centre = space.kind === "risk" ? 50 : Math.log1p(50);
      calibration.replay({ ...still, centres: still.centres.map(() => centre) }, 59);
      for (const moving of [false, true]) {
        const { intervals } = calibration.distribution({ ...point, centre, moving });
        for (const { lower, upper, unbounded } of intervals) {
          expect(unbounded).toBe(false);
          expect(lower).toBeLessThan(50);
          expect(upper).toBeGreaterThan(50);
          expect(upper - lower).toBeLessThan(0.2);
        }
      }
    }
  });

  it("ignores forecasts whose outcome never became known", () => {
    const history = stream({ days: 60, perDay: 6, seed: 5 });
    const missing = (index: number) => index % 3 === 0;
    const outcomes = history.outcomes.map((outcome, index) => (missing(index) ? Number.NaN : outcome));
    const keep = (_value: number, index: number) => !missing(index);
    const without: ForecastHistory = {
      days: history.days.filter(keep),
      protocols: history.protocols.filter(keep),
      moving: history.moving.filter(keep),
      centres: history.centres.filter(keep),
      scales: history.scales.filter(keep),
      outcomes: history.outcomes.filter(keep),
    };
    expect(replayed({ ...history, outcomes }, 59).distribution(point)).toEqual(
      replayed(without, 59).distribution(point),
    );
  });
});

describe("its intervals", () => {
  it("are nested by level, hold the forecast and never leave the possible values", () => {
    const cases = fc.record({
      seed: fc.integer(),
      perDay: fc.integer({ min: 1, max: 8 }),
      lastDay: fc.integer({ min: 0, max: 70 }),
      centre: fc.double({ min: -20, max: 130, noNaN: true }),
      scale: fc.double({ min: 0.01, max: 30, noNaN: true }),
      protocol: fc.integer({ min: -1, max: 2 }),
      moving: fc.boolean(),
    });
    fc.assert(
      fc.property(cases, ({ seed, perDay, lastDay, ...forecast }) => {
        const history = stream({ days: 60, perDay, seed, deviation: (day) => 1 + (day % 13) });
        const { value, intervals } = replayed(history, lastDay).distribution(forecast);
        expect(intervals.map(({ level }) => level)).toEqual([...intervalLevels]);
        let inner = { lower: value, upper: value };
        for (const interval of intervals) {
          expect(interval.lower).toBeLessThanOrEqual(inner.lower);
          expect(interval.upper).toBeGreaterThanOrEqual(inner.upper);
          inner = interval;
        }
        expect(inner.lower).toBeGreaterThanOrEqual(0);
        expect(inner.upper).toBeLessThanOrEqual(100);
      }),
      { numRuns: 60 },
    );
  });

  it("span every possible value until there are enough outcomes for the level", () => {
    const history = { ...stream({ days: 40, perDay: 1, seed: 6 }), protocols: new Int32Array(40) };
    for (let outcomes = 0; outcomes < 25; outcomes += 1) {
      const calibration = replayed(history, outcomes - 1 + horizonDays);
      expect(calibration.outcomeCount).toBe(outcomes);
      // A protocol of its own has not adapted: its level is the one promised.
      const flat = { ...point, protocol: 9, moving: false };
      for (const { level, lower, upper, unbounded } of calibration.distribution(flat).intervals) {
        expect(unbounded).toBe(Math.ceil((outcomes + 1) * level - 1e-9) > outcomes);
        if (unbounded) expect([lower, upper]).toEqual([0, 100]);
      }
    }
  });

  it("claim no more confidence than the outcomes support", () => {
    const history = { ...stream({ days: 2, perDay: 1, seed: 7 }), outcomes: Float64Array.of(50, 51) };
    // Both were within five points, and 2 / (2 + 1) is all that can be claimed.
    expect(replayed(history, 20).distribution(point).confidence).toBe(2 / 3);
    expect(replayed(history, 0).distribution(point).confidence).toBe(0);
  });

  it("keep their coverage through a doubling of the errors, which a static calibration loses", () => {
    const days = 400;
    const change = days / 2;
    const history = stream({ days, perDay: 20, seed: 8, deviation: (day) => (day < change ? 1 : 2) });
    const before = history.days.findIndex((day) => day >= change);
    const { scores } = calibrationGroup(
      calibrate({
        residuals: history.outcomes.slice(0, before).map((outcome) => outcome - 50),
        scales: history.scales.slice(0, before),
      }),
      1,
    );
    const staticHalfWidth = conformalQuantile(scores, 0.9);
    const tally = { n: 0, covered: 0, late: 0, lateCovered: 0, lateStatic: 0 };
    new AdaptiveCalibration(risk, horizonDays).replay(history, days - 1, (index, forecast) => {
      const { lower, upper, unbounded } = boundsOf(forecast, 0.9);
      if (unbounded) return;
      const outcome = at(history.outcomes, index);
      const inside = outcome >= lower && outcome <= upper ? 1 : 0;
      tally.n += 1;
      tally.covered += inside;
      if (at(history.days, index) < change) return;
      tally.late += 1;
      tally.lateCovered += inside;
      tally.lateStatic += Math.abs(outcome - 50) <= staticHalfWidth ? 1 : 0;
    });
    expect(tally.covered / tally.n).toBeGreaterThan(0.88);
    expect(tally.covered / tally.n).toBeLessThan(0.92);
    expect(tally.lateCovered / tally.late).toBeGreaterThan(0.86);
    expect(tally.lateStatic / tally.late).toBeLessThan(0.8);
  });

  it("promise moving markets more than their outcomes show, the less of them the more", () => {
    const history = { ...stream({ days: 130, perDay: 20, seed: 10 }), protocols: new Int32Array(2600) };
    const missed = (lastDay: number, unseenWindows: number) => {
      const calibration = new AdaptiveCalibration(risk, horizonDays, { ...servedRules, unseenWindows });
      calibration.replay(history, lastDay);
      // A protocol that has not adapted, so that only what was seen counts.
      const { lower, upper } = boundsOf(calibration.distribution({ ...point, protocol: 9 }), 0.5);
      const known = history.outcomes.filter(
        (_outcome, index) =>
          at(history.days, index) > lastDay - 60 && at(history.days, index) <= lastDay - horizonDays,
      );
      return known.filter((outcome) => outcome < lower || outcome > upper).length / known.length;
    };
    // Seven days of outcomes are one window of 1.15, and 53 are 7.6 of 7.7.
    expect(missed(13, 0)).toBeCloseTo(0.5, 1);
    expect(missed(13, 0.15)).toBeCloseTo(0.5 / 1.15, 1);
    expect(missed(13, 0.15)).toBeLessThan(missed(13, 0) - 0.05);
    expect(missed(120, 0.15)).toBeCloseTo((0.5 * 53) / (53 + 0.15 * 7), 1);
  });

  it("follow the misses of a protocol's moving and of its flat markets apart", () => {
    const history = stream({ days: 100, perDay: 40, seed: 11 });
    const moving = history.moving.map((_flag, index) => Math.floor(index / 2) % 2);
    // Of protocol 1, moving markets err twice as much as those of protocol 0, and flat ones half as much.
    const outcomes = history.outcomes.map((outcome, index) =>
      history.protocols[index] === 0 ? outcome : 50 + (outcome - 50) * (moving[index] === 1 ? 2 : 0.5),
    );
    const calibration = replayed({ ...history, moving, outcomes }, 99);
    const widthOf = (protocol: number, isMoving: boolean) => {
      const { lower, upper } = boundsOf(
        calibration.distribution({ ...point, protocol, moving: isMoving }),
        0.5,
      );
      return upper - lower;
    };
    expect(widthOf(1, true)).toBeGreaterThan(widthOf(0, true));
    expect(widthOf(1, false)).toBeLessThan(widthOf(0, false));
  });

  it("widen for the protocol that misses more than the others", () => {
    const history = stream({ days: 100, perDay: 40, seed: 9 });
    // Protocol 1 errs twice as much as protocol 0, at the same stated scale.
    const outcomes = history.outcomes.map((outcome, index) =>
      history.protocols[index] === 1 ? 50 + 2 * (outcome - 50) : outcome,
    );
    const calibration = replayed({ ...history, outcomes }, 99);
    const widthOf = (protocol: number) => {
      const { lower, upper } = boundsOf(calibration.distribution({ ...point, protocol }), 0.9);
      return upper - lower;
    };
    expect(widthOf(1)).toBeGreaterThan(widthOf(0));
  });
});
