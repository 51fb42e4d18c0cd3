import { parseArgs } from "node:util";
import { randomSeed, readWholeNumber, runScript } from "./command-line.ts";
import { runTestFile } from "./run-test-file.ts";

const help = `Reads every list of the API page by page while others add to it, on both engines, and says how often it did.
Exits with 1 when something came twice, was missing or was out of order, and says how to see it again.

Usage: pnpm paging [--runs N] [--seed N]

  --runs  readings of each list, in each of its orders, on each engine; 100 by default
  --seed  where to begin, to see the same again
  --help  show this text
`;

process.exitCode = await runScript({
  help,
  parse,
  run: (paging) =>
    runTestFile("packages/features/test/paging.engines.test.ts", {
      project: ["pglite", "postgres"],
      provide: { paging },
    }),
});

function parse() {
  const { values } = parseArgs({
    options: {
      runs: { type: "string", default: "100" },
      seed: { type: "string", default: randomSeed() },
      help: { type: "boolean" },
    },
  });
  if (values.help) return undefined;
  return {
    runs: readWholeNumber("runs", values.runs, 1),
    seed: readWholeNumber("seed", values.seed, 0),
  };
}
