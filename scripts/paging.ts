import { parseArgs } from "node:util";
import { startVitest } from "vitest/node";

const help = `Reads every list of the API page by page while others add to it, on both engines, and says how often it did.
Exits with 1 when something came twice, was missing or was out of order, and says how to see it again.

Usage: pnpm paging [--runs N] [--seed N]

  --runs  readings of each list, in each of its orders, on each engine; 100 by default
  --seed  where to begin, to see the same again
  --help  show this text
`;

process.exitCode = await run();

async function run(): Promise<number> {
  const { values } = parseArgs({
    options: {
      runs: { type: "string", default: "100" },
      seed: { type: "string", default: String(Date.now() % 2 ** 31) },
      help: { type: "boolean" },
    },
  });
  if (values.help) {
    process.stdout.write(help);
    return 0;
  }
  const [runs, seed] = [Number(values.runs), Number(values.seed)];
  if (!Number.isSafeInteger(runs) || runs < 1 || !Number.isSafeInteger(seed)) {
    process.stderr.write(help);
    return 1;
  }
  const vitest = await startVitest("test", ["packages/api/test/paging.test.ts"], {
    project: ["pglite", "postgres"],
    provide: { paging: { runs, seed } },
    reporters: ["dot"],
    watch: false,
  });
  const isGood = vitest.state.getCountOfFailedTests() === 0 && vitest.state.getUnhandledErrors().length === 0;
  await vitest.close();
  return isGood ? 0 : 1;
}
