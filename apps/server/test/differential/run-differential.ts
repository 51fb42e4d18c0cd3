import { askAsAgent, makeOperator } from "@obsqra/features/testing";
import {
  compareOutcomes,
  compareTables,
  Difference,
  takeMails,
  type WorldOutcome,
} from "./compare-worlds.ts";
import { type Coverage, createCoverage } from "./coverage.ts";
import { createKnown, type Person } from "./known.ts";
import type { Outcome } from "./outcome.ts";
import { rememberMails } from "./remember.ts";
import { toRestRequest } from "./rest-request.ts";
import { makeFirstSteps, makeSteps } from "./steps.ts";
import { createWalker } from "./walker.ts";
import type { Call, World } from "./world.ts";

/** What to walk: sequences that follow one another in the same worlds, each of so many calls. */
export interface Walk {
  readonly seeds: readonly number[];
  readonly callsPerSeed: number;
}

/** What a run found. */
export interface DifferentialResult {
  readonly calls: number;
  /** Inputs that REST has no way to say. */
  readonly leftOut: number;
  readonly coverage: Coverage;
  /** The first one, with the calls that led to it; then the walk is over, because the worlds have parted. */
  readonly difference: string | undefined;
}

/** Between two looks at all tables. */
const callsBetweenTables = 50;

const shownCalls = 12;

/** Walks through all worlds at once, in steps made from seeds. */
export async function runDifferential(worlds: readonly World[], walk: Walk): Promise<DifferentialResult> {
  const coverage = createCoverage();
  const known = createKnown();
  const trace: string[] = [];
  let [made, leftOut] = [0, 0];

  async function ask(call: Call, owner: Person | undefined): Promise<Outcome | undefined> {
    if (toRestRequest(call.named.endpoint, call.input) === undefined) {
      leftOut += 1;
      return undefined;
    }
    made += 1;
    trace.push(describeCall(made, call));
    // Nobody gets these rights by a call.
    if (call.named.feature === "operations") {
      for (const { api } of worlds) await makeOperator(api.deps, "everybody");
    }
    const outcomes: WorldOutcome[] = [];
    for (const world of worlds) {
      const outcome = await world.call(call);
      if (outcome !== undefined) outcomes.push({ world, outcome });
    }
    compareOutcomes(outcomes);
    rememberMails(owner, await takeMails(worlds));
    if (made % callsBetweenTables === 0) await compareTables(worlds);
    const outcome = outcomes[0]?.outcome;
    if (outcome !== undefined) coverage.add(call.named.path, outcome);
    return outcome;
  }

  const walker = createWalker(known, ask, {
    now: () => worlds[0]?.api.clock() ?? new Date(0),
    // In every world, so that the same random numbers are used up.
    agentRequest: async () => {
      const requests: string[] = [];
      for (const { api } of worlds) requests.push(await askAsAgent(api));
      return requests[0] ?? "";
    },
  });
  let difference: string | undefined;
  try {
    for (const [turn, seed] of walk.seeds.entries()) {
      const until = (turn + 1) * walk.callsPerSeed;
      const steps = makeSteps(walk.callsPerSeed, seed);
      for (const step of turn === 0 ? [...makeFirstSteps(seed), ...steps] : steps) {
        if (made >= until) break;
        for (const { api } of worlds) api.clock.advance(step.waitMs);
        await walker.take(step);
      }
    }
    await compareTables(worlds);
  } catch (error) {
    if (!(error instanceof Difference)) throw error;
    difference = [error.message, "The last calls:", ...trace.slice(-shownCalls)].join("\n");
  }
  return { calls: made, leftOut, coverage, difference };
}

const shownInputMax = 300;

function describeCall(number: number, { named, input, bearer, idempotencyKey, isBatch }: Call): string {
  const text = input === undefined ? "" : ` ${JSON.stringify(input)}`;
  return [
    `  ${number} ${named.path}${text.length > shownInputMax ? `${text.slice(0, shownInputMax)}…` : text}`,
    bearer === undefined ? "" : ` as ${bearer.slice(0, 12)}…${bearer.slice(-6)}`,
    idempotencyKey === undefined ? "" : ` with ${idempotencyKey}`,
    isBatch ? " in a batch" : "",
  ].join("");
}
