import { listCalls, type NamedEndpoint } from "@obsqra/contract";
import { arbitraryInput, arbitraryInvalidInput, sampleInput } from "@obsqra/contract/testing";
import fc from "fast-check";

/**
 * What one step is after.
 *
 * - `reach`: a valid input that names what earlier responses gave, such as a token or an id, by somebody who may.
 * - `valid`: any valid input, by somebody who may.
 * - `invalid`: an input that was damaged, by somebody who may.
 * - `trespass`: a valid input, by anybody: nobody, somebody else, an API key, whoever has left.
 */
type Aim = "reach" | "valid" | "invalid" | "trespass";

/** One step of a sequence. What it names is decided when its turn comes: `picks` choose among what is known by then. */
export interface Step {
  readonly named: NamedEndpoint;
  readonly aim: Aim;
  readonly input: unknown;
  readonly picks: readonly number[];
  readonly isBatch: boolean;
  /** For mutations: none, a new idempotency key, or the one that was used last. */
  readonly idempotencyKey: "none" | "new" | "last";
  /** How far the clock moves on before. */
  readonly waitMs: number;
}

const secondMs = 1_000;
const minuteMs = 60 * secondMs;

/** Makes a sequence in which anything may come; the same seed always gives the same. */
export function makeSteps(count: number, seed: number): Step[] {
  return fc.sample(arbitraryStep(), { numRuns: count, seed });
}

/** Every endpoint once, in an order of the seed's: somebody new sends what it takes, so that each succeeds. */
export function makeFirstSteps(seed: number): Step[] {
  const endpoints = listCalls();
  const shuffled = fc.shuffledSubarray(endpoints, { minLength: endpoints.length });
  return fc.sample(shuffled, { numRuns: 1, seed }).flat().map(makeSampleStep);
}

function makeSampleStep(named: NamedEndpoint): Step {
  return {
    named,
    aim: "reach",
    // An object where there may be one, so that there is a place for what it takes.
    input: sampleInput(named.endpoint.input) ?? (named.endpoint.input.safeParse({}).success ? {} : undefined),
    picks: [1, 0, 1, 1],
    isBatch: false,
    idempotencyKey: "none",
    waitMs: 0,
  };
}

function arbitraryStep(): fc.Arbitrary<Step> {
  return fc.oneof(...listCalls().map(arbitraryStepAt));
}

function arbitraryStepAt(named: NamedEndpoint): fc.Arbitrary<Step> {
  const { input } = named.endpoint;
  const withAim = fc.oneof(
    { weight: 8, arbitrary: fc.record({ aim: fc.constant<Aim>("reach"), input: arbitraryInput(input) }) },
    { weight: 3, arbitrary: fc.record({ aim: fc.constant<Aim>("valid"), input: arbitraryInput(input) }) },
    {
      weight: 5,
      arbitrary: fc.record({ aim: fc.constant<Aim>("invalid"), input: arbitraryInvalidInput(input) }),
    },
    { weight: 3, arbitrary: fc.record({ aim: fc.constant<Aim>("trespass"), input: arbitraryInput(input) }) },
  );
  const rest = fc.record({
    picks: fc.array(fc.nat(), { minLength: 4, maxLength: 4 }),
    isBatch: fc.boolean(),
    idempotencyKey: weighted<Step["idempotencyKey"]>([14, "none"], [3, "new"], [3, "last"]),
    waitMs: weighted(
      [900, 0],
      [40, 2 * secondMs],
      [30, minuteMs + secondMs],
      [10, 11 * minuteMs],
      [5, 31 * minuteMs],
      [2, 25 * 60 * minuteMs],
    ),
  });
  return fc.tuple(withAim, rest).map(([aimed, others]) => ({ named, ...aimed, ...others }));
}

function weighted<T>(...options: readonly (readonly [weight: number, value: T])[]): fc.Arbitrary<T> {
  return fc.oneof(...options.map(([weight, value]) => ({ weight, arbitrary: fc.constant(value) })));
}
