import { parseArgs } from "node:util";
import { startVitest } from "vitest/node";
import type { Walk } from "../apps/server/test/differential/run-differential.ts";

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

process.exitCode = await run();

async function run(): Promise<number> {
  const { values } = parseArgs({
    options: {
      calls: { type: "string", default: "10000" },
      seed: { type: "string", multiple: true, default: [String(Date.now() % 2 ** 31)] },
      engine: { type: "string", default: "pglite" },
      help: { type: "boolean" },
    },
  });
  if (values.help) {
    process.stdout.write(help);
    return 0;
  }
  const calls = Number(values.calls);
  const seeds = values.seed.map(Number);
  const isSound = [calls, ...seeds].every((number) => Number.isSafeInteger(number) && number >= 0);
  if (!isSound || calls < seeds.length || !["pglite", "postgres"].includes(values.engine)) {
    process.stderr.write(help);
    return 1;
  }
  const vitest = await startVitest("test", ["apps/server/test/differential/differential.test.ts"], {
    project: [values.engine],
    provide: { differential: { walks: planWalks(calls, seeds) } },
    reporters: ["dot"],
    watch: false,
  });
  const isGood = vitest.state.getCountOfFailedTests() === 0 && vitest.state.getUnhandledErrors().length === 0;
  await vitest.close();
  return isGood ? 0 : 1;
}

function planWalks(calls: number, seeds: readonly number[]): Walk[] {
  const [first = 0] = seeds;
  if (seeds.length > 1) return [{ seeds, callsPerSeed: Math.ceil(calls / seeds.length) }];
  return Array.from({ length: Math.ceil(calls / callsPerWorld) }, (_, index) => ({
    seeds: [first + index],
    callsPerSeed: Math.min(callsPerWorld, calls - index * callsPerWorld),
  }));
}
