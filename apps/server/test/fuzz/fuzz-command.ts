import { mkdtempDisposable } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { listCalls } from "@obsqra/contract";
import { startPostgres } from "@obsqra/db/testing";
import { FuzzFailure } from "./fuzz-failure.ts";
import { openFuzzTarget } from "./open-fuzz-target.ts";
import { runFuzz } from "./run-fuzz.ts";
import { createTally, type Tally } from "./tally.ts";
import { assertMemoryFlat, describeMemory, type MemorySample } from "./watch-memory.ts";

/** What the command line asks for. */
export interface FuzzCommand {
  readonly engine: "pglite" | "postgres";
  readonly calls: number;
  readonly seed: number;
  readonly path: string | undefined;
}

/** Stories between two looks at the memory and two leaps of the clock: about two thousand calls. */
const storiesPerRound = 40;

/** After so many calls, each endpoint has been asked for something that it can do many times. */
const callsForAll = 5_000;

/** Fuzzes a server of its own and reports; gives the exit code. */
export async function runFuzzCommand(command: FuzzCommand, report: (line: string) => void): Promise<number> {
  await using folder = await mkdtempDisposable(join(tmpdir(), "obsqra-fuzz-"));
  await using postgres = command.engine === "postgres" ? await startPostgres() : undefined;
  await using target = await openFuzzTarget(folder.path, postgres?.url("postgres"));
  const tally = createTally();
  const samples: MemorySample[] = [];
  const begun = performance.now();
  report(`Fuzzing on ${command.engine} with the seed ${command.seed}`);
  try {
    for (let round = 0; tally.calls < command.calls; round += 1) {
      const { path } = command;
      const onFailure = (error: unknown) => report(`${String(error)}\nMaking the story shorter ...`);
      await runFuzz({ target, tally, path, onFailure, seed: command.seed + round, stories: storiesPerRound });
      samples.push({ calls: tally.calls, ...(await target.server.measureMemory()) });
      reportProgress(tally, begun, report);
      if (path !== undefined) break;
    }
    assertMemoryFlat(samples);
    if (tally.calls >= callsForAll && neverSucceeded(tally).length > 0) {
      report("Nothing was found, but not everything was reached.");
      return 1;
    }
    report("Nothing was found.");
    return 0;
  } catch (error) {
    if (!(error instanceof FuzzFailure)) throw error;
    report(error.message);
    return 1;
  } finally {
    reportProgress(tally, begun, report);
    for (const line of describeMemory(samples)) report(line);
    reportCoverage(tally, report);
  }
}

function reportProgress(tally: Tally, begun: number, report: (line: string) => void): void {
  const seconds = (performance.now() - begun) / 1000;
  const statuses = [...tally.statuses].sort().map(([status, count]) => `${count} × ${status}`);
  report(
    `${tally.calls} calls in ${seconds.toFixed(0)} s (${(tally.calls / seconds).toFixed(0)}/s): ${statuses.join(", ")}`,
  );
}

function reportCoverage(tally: Tally, report: (line: string) => void): void {
  const all = listCalls().length;
  const never = neverSucceeded(tally);
  report(`${all - never.length} of ${all} endpoints have succeeded at least once`);
  if (never.length > 0) report(`Never: ${never.join(", ")}`);
}

/** The endpoints of the contract that have not once done what they were asked. */
function neverSucceeded({ successes }: Tally): string[] {
  return listCalls()
    .map(({ path }) => path)
    .filter((path) => !successes.has(path));
}
