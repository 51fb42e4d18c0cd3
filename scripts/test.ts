import { type CliOptions, createVitest, parseCLI, type Vitest } from "vitest/node";
import { describeCosts, listCosts } from "./tests/costs.ts";
import { readProcessorTimeMs } from "./tests/processor-time.ts";
import { readArguments } from "./tests/read-arguments.ts";
import { keepTemporaryFilesInMemory } from "./tests/temporary-folder.ts";

/**
 * Runs tests as `vitest run` does, with all its arguments, and takes for a mistake a selection in which no test has run, and
 * one of several paths that chooses no file.
 *
 * `pnpm test` begins every search with the same seed; `pnpm test:long` (`--mode long`) with another one each time, which it
 * prints, or with that of `--seed`.
 */
const { seed, others } = readArguments(process.argv.slice(2));
const { filter, options } = parseCLI(["vitest", "run", ...others]);
const isLong = options.mode === "long";
if (isLong) {
  process.stdout.write(`Searches begin with the seed ${seed}. Again: pnpm test:long --seed ${seed}\n`);
}
keepTemporaryFilesInMemory();
// A test is chosen by its line only where the lines are known.
const choosesLines = filter.some((path) => /:\d+$/.test(path));
await run(filter, { ...options, watch: false, ...(choosesLines && { includeTaskLocation: true }) });

async function run(filter: string[], cliOptions: CliOptions): Promise<void> {
  const vitest = await createVitest("test", cliOptions);
  // Each project has what the configuration provides, whatever the command line says.
  if (isLong) for (const project of vitest.projects) project.provide("seed", seed);
  const lost = vitest.config.passWithNoTests ? [] : await findLost(vitest, filter);
  if (lost.length > 0 && lost.length < filter.length) {
    process.stderr.write(`No test file is in what was selected by ${lost.join(" and ")}.\n`);
    process.exitCode = 1;
    return vitest.close();
  }
  await vitest.start(filter).catch(passOverMissingFiles);
  if (!vitest.config.passWithNoTests && countRun(vitest) === 0) {
    process.stderr.write(
      `No test has run: none is in what was selected (${others.join(" ")}). Of each project, "pnpm test --project NAME" runs all:
unit has the tests that open no database, pglite those that do, postgres the *.engines.test.ts and *.postgres.test.ts.\n`,
    );
    process.exitCode = 1;
  }
  await vitest.close();
  process.stdout.write(describeCosts(listCosts(vitest), readProcessorTimeMs()));
}

/** Paths of the selection that choose no file: beside others that do, Vitest passes over them. */
async function findLost(vitest: Vitest, filter: readonly string[]): Promise<string[]> {
  const lost: string[] = [];
  for (const path of filter) {
    if ((await vitest.globTestSpecifications([path.replace(/:\d+$/, "")])).length === 0) lost.push(path);
  }
  return lost;
}

/** Vitest has said which files it has looked for; that no test has run is said below. */
function passOverMissingFiles(error: unknown): void {
  if (!(error instanceof Error && "code" in error && error.code === "VITEST_FILES_NOT_FOUND")) throw error;
}

function countRun(vitest: Vitest): number {
  return vitest.state
    .getTestModules()
    .flatMap((module) => [...module.children.allTests()])
    .filter((test) => test.result().state !== "skipped").length;
}
