import { parseArgs } from "node:util";
import { type FuzzCommand, runFuzzCommand } from "../apps/server/test/fuzz/fuzz-command.ts";

const help = `Lets made-up users do anything in any order, and hostile clients send anything, and judges every answer.
Exits with 1 when a promise was broken, and says how to repeat it.

Usage: pnpm fuzz [--calls N] [--seed N] [--engine pglite|postgres] [--path PATH]

  --calls N   stop after so many calls; 5000 by default
  --seed N    the same seed makes the same calls; random by default
  --engine E  pglite, the embedded database, by default; postgres starts one
  --path P    repeat one story: what a failure said
  --help      show this text
`;

process.exitCode = await run();

async function run(): Promise<number> {
  let command: FuzzCommand | undefined;
  try {
    command = parseCommand();
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n\n${help}`);
    return 2;
  }
  if (command !== undefined) return runFuzzCommand(command, (line) => void process.stdout.write(`${line}\n`));
  process.stdout.write(help);
  return 0;
}

/** @throws Error saying what is wrong; undefined when help is asked for */
function parseCommand(): FuzzCommand | undefined {
  const { values } = parseArgs({
    options: {
      calls: { type: "string", default: "5000" },
      seed: { type: "string", default: String(Math.floor(Math.random() * 2 ** 31)) },
      engine: { type: "string", default: "pglite" },
      path: { type: "string" },
      help: { type: "boolean" },
    },
  });
  if (values.help) return undefined;
  const { engine } = values;
  if (engine !== "pglite" && engine !== "postgres")
    throw new Error("Use --engine pglite or --engine postgres.");
  return {
    engine,
    calls: readNumber("--calls", values.calls),
    seed: readNumber("--seed", values.seed),
    path: values.path,
  };
}

function readNumber(name: string, text: string): number {
  if (!/^-?\d+$/.test(text)) throw new Error(`Use a whole number for ${name}.`);
  return Number(text);
}
