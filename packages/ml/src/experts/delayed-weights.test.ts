import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { at } from "../numbers.ts";
import { DelayedWeights, halfRange } from "./delayed-weights.ts";

/** Rounds of what four experts say, some asleep, and what came true. */
const rounds = fc.array(
  fc.record({
    said: fc.array(fc.oneof({ weight: 5, arbitrary: value() }, fc.constant(Number.NaN)), {
      minLength: 4,
      maxLength: 4,
    }),
    outcome: value(),
  }),
  { minLength: 1, maxLength: 60 },
);
const priors = fc
  .array(fc.double({ min: 0.01, max: 1, noNaN: true }), { minLength: 4, maxLength: 4 })
  .map((raw) => raw.map((weight) => weight / raw.reduce((sum, each) => sum + each, 0)));

function value() {
  return fc.double({ min: -1_000, max: 1_000, noNaN: true });
}

interface Played {
  loss: number;
  gradient: number[];
  rate: number;
}

/** Plays the rounds, each outcome known `delay` rounds later, and records what every round cost. */
function play(prior: number[], delay: number, all: { said: number[]; outcome: number }[]) {
  const learner = new DelayedWeights(prior, delay);
  const played: Played[] = [];
  for (const { said, outcome } of all) {
    const known = played[played.length - 1 - delay];
    if (known !== undefined) learner.learn(known.gradient);
    const weights = learner.weights(said);
    const forecast = weights.reduce(
      (sum, weight, expert) => sum + (weight === 0 ? 0 : weight * at(said, expert)),
      0,
    );
    const asleep = weights.every((weight) => weight === 0);
    const slope = asleep ? 0 : Math.sign(forecast - outcome);
    played.push({
      loss: asleep ? 0 : Math.abs(forecast - outcome),
      gradient: said.map((each) => (Number.isNaN(each) ? 0 : slope * (each - forecast))),
      rate: learner.rate,
    });
  }
  return played;
}

/** The bound that the class states, from what was played. Before anything was learned any rate gives the prior: the first one. */
function boundOf(prior: number, delay: number, played: readonly Played[]): number {
  const first = played.find(({ rate }) => rate !== Number.POSITIVE_INFINITY)?.rate ?? 1;
  const rates = played.map(({ rate }) => Math.min(rate, first));
  const stability = played.map(({ gradient }, round) => {
    const unknown = played.slice(Math.max(0, round - delay), round + 1);
    const missing = gradient.map((_own, expert) =>
      unknown.reduce((sum, each) => sum + at(each.gradient, expert), 0),
    );
    return at(rates, round) * halfRange(gradient) * halfRange(missing);
  });
  return -Math.log(prior) / at(rates, rates.length - 1) + stability.reduce((sum, each) => sum + each, 0);
}

describe("weights that learn with a delay", () => {
  it("cost no more than any expert and the stated bound, whatever is said, comes true, and sleeps", () => {
    fc.assert(
      fc.property(priors, fc.integer({ min: 0, max: 12 }), rounds, (prior, delay, all) => {
        const played = play(prior, delay, all);
        prior.forEach((share, expert) => {
          const regret = played.reduce((sum, { loss }, round) => {
            const said = at(all[round]?.said ?? [], expert);
            return sum + (Number.isNaN(said) ? 0 : loss - Math.abs(said - (all[round]?.outcome ?? 0)));
          }, 0);
          const bound = boundOf(share, delay, played);
          expect(regret).toBeLessThanOrEqual(bound + 1e-6 * (1 + Math.abs(bound)));
        });
      }),
    );
  });

  it("sum to 1 over those who say something, and never learn faster than before", () => {
    fc.assert(
      fc.property(priors, rounds, (prior, all) => {
        const learner = new DelayedWeights(prior, 3);
        let rate = Number.POSITIVE_INFINITY;
        for (const { said } of all) {
          const weights = learner.weights(said);
          said.forEach((each, expert) => {
            if (Number.isNaN(each)) expect(at(weights, expert)).toBe(0);
          });
          const total = weights.reduce((sum, weight) => sum + weight, 0);
          expect(total).toBeCloseTo(said.every(Number.isNaN) ? 0 : 1, 12);
          learner.learn(said.map((each) => (Number.isNaN(each) ? 0 : each)));
          expect(learner.rate).toBeLessThanOrEqual(rate);
          rate = learner.rate;
        }
      }),
    );
  });

  it("turn to the expert that is right, and go on from a stored state as if never stored", () => {
    const prior = [0.25, 0.25, 0.25, 0.25];
    let learner = new DelayedWeights(prior, 2);
    const whole = new DelayedWeights(prior, 2);
    for (let round = 0; round < 200; round += 1) {
      for (const each of [learner, whole]) each.learn([1, 1, 0, 1]);
      learner = new DelayedWeights(prior, 2, JSON.parse(JSON.stringify(learner.state)));
    }
    expect([...learner.weights([1, 1, 1, 1])]).toEqual([...whole.weights([1, 1, 1, 1])]);
    expect(at(learner.weights([1, 1, 1, 1]), 2)).toBeGreaterThan(0.99);
    expect([...learner.weights([1, Number.NaN, Number.NaN, 1])]).toEqual([0.5, 0, 0, 0.5]);
  });
});
