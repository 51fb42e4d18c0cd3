import { parseArgs } from "node:util";
import { UsageError } from "../apps/server/src/commands/usage-error.ts";
import type { Walk } from "../apps/server/test/differential/run-differential.ts";
import { randomSeed, readEngine, readWholeNumber, runScript } from "./command-line.ts";
import { runTestFile } from "./run-test-file.ts";

const help = `Asks the same of REST, tRPC and the API in process, each with a database of its own, in calls made from the contract.
Prints how often each endpoint succeeded and how it failed, differences and seconds. Exits with 1 at the first difference.

Usage: pnpm differential [--calls N] [--seed N]... [--engine pglite|postgres]

  --calls   how many, in all; 10000 by default
  --seed    where to begin, to see the same again. Given once or not at all, every 1,000 calls are made in new worlds,
            with the next seed. Given several times, the calls are shared among the sequences of these seeds, which follow
            one another in the same worlds
  --engine  pglite by default
  --help    show this text
`;

const callsPerWorld = 1_000;

process.exitCode = await runScript({
  help,
  parse,
  run: ({ engine, walks }) =>
    runTestFile("apps/server/test/differential/differential.test.ts", {
      project: [engine],
      provide: { differential: { walks } },
    }),
});

function parse() {
  const { values } = parseArgs({
    options: {
      calls: { type: "string", default: "10000" },
      seed: { type: "string", multiple: true, default: [randomSeed()] },
      engine: { type: "string", default: "pglite" },
      help: { type: "boolean" },
    },
  });
  if (values.help) return undefined;
  const calls = readWholeNumber("calls", values.calls, 1);
  const seeds = values.seed.map((seed) => readWholeNumber("seed", seed, 0));
  if (calls < seeds.length) throw new UsageError("There have to be as many calls as seeds.");
  return { engine: readEngine(values.engine), walks: planWalks(calls, seeds) };
}

function planWalks(calls: number, seeds: readonly number[]): Walk[] {
  const [first = 0] = seeds;
  if (seeds.length > 1) return [{ seeds, callsPerSeed: Math.ceil(calls / seeds.length) }];
  return Array.from({ length: Math.ceil(calls / callsPerWorld) }, (_, index) => ({
    seeds: [first + index],
    callsPerSeed: Math.min(callsPerWorld, calls - index * callsPerWorld),
  }));
}
