import { parseArgs } from "node:util";
import { type FuzzCommand, runFuzzCommand } from "../apps/server/test/fuzz/fuzz-command.ts";
import { randomSeed, readEngine, readWholeNumber, runScript } from "./command-line.ts";

const help = `Lets made-up users do anything in any order, and hostile clients send anything, and judges every response.
Exits with 1 when a promise was broken, and says how to repeat it.

Usage: pnpm fuzz [--calls N] [--seed N] [--engine pglite|postgres] [--path PATH]

  --calls N   stop after so many calls; 5000 by default
  --seed N    the same seed makes the same calls; random by default
  --engine E  pglite, the embedded database, by default; postgres starts one
  --path P    repeat one story: what a failure said
  --help      show this text
`;

process.exitCode = await runScript({
  help,
  parse,
  run: (command) => runFuzzCommand(command, (line) => void process.stdout.write(`${line}\n`)),
});

function parse(): FuzzCommand | undefined {
  const { values } = parseArgs({
    options: {
      calls: { type: "string", default: "5000" },
      seed: { type: "string", default: randomSeed() },
      engine: { type: "string", default: "pglite" },
      path: { type: "string" },
      help: { type: "boolean" },
    },
  });
  if (values.help) return undefined;
  return {
    engine: readEngine(values.engine),
    calls: readWholeNumber("calls", values.calls, 1),
    seed: readWholeNumber("seed", values.seed, 0),
    path: values.path,
  };
}
