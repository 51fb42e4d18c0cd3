import type { Vitest } from "vitest/node";

/** What a test file has cost on one engine. */
export interface FileCost {
  readonly file: string;
  readonly project: string;
  /** Of the process that ran it and of those that it has started; not of the Postgres server. */
  readonly processorTimeMs: number;
}

/**
 * How much processor time one file may use in `pnpm test`, which has to stay under eight minutes on two processors. What needs more
 * keeps a short form there and goes on in a `*.long.test.ts`.
 */
export const fileBudgetMs = 12_000;

/** What may use more, and why it is worth it. */
export const costlyFiles: Readonly<Record<string, string>> = {
  "apps/server/test/differential/differential.test.ts":
    "Four services, each asked for every endpoint, which takes some two hundred calls.",
  "apps/server/test/process/first-start.test.ts":
    "Makes a data directory, trains and serves: nothing less is a first start.",
  "apps/server/test/process/several-processes.postgres.test.ts":
    "Three processes, of which one is started again.",
};

/** The files that were run, the costliest first. */
export function listCosts(vitest: Vitest): FileCost[] {
  return vitest.state
    .getTestModules()
    .map((module) => ({
      file: module.relativeModuleId,
      project: module.project.name,
      processorTimeMs: module.meta().processorTimeMs ?? 0,
    }))
    .toSorted((a, b) => b.processorTimeMs - a.processorTimeMs);
}

/** Tells what a run has cost in all, which files most, and which of them have no leave to. */
export function describeCosts(costs: readonly FileCost[], totalMs: number): string {
  const lines = [`Processor time: ${inSeconds(totalMs)}, most of it for`];
  for (const cost of costs.slice(0, 10)) lines.push(describe(cost));
  const beyond = costs.filter(
    ({ file, processorTimeMs }) => processorTimeMs > fileBudgetMs && costlyFiles[file] === undefined,
  );
  if (beyond.length > 0) {
    lines.push(`More than the ${inSeconds(fileBudgetMs)} that a file may use (scripts/tests/costs.ts):`);
    for (const cost of beyond) lines.push(describe(cost));
  }
  return `${lines.join("\n")}\n`;
}

function describe({ file, project, processorTimeMs }: FileCost): string {
  return `${inSeconds(processorTimeMs).padStart(9)}  ${project.padEnd(8)}  ${file}`;
}

function inSeconds(milliseconds: number): string {
  return `${(milliseconds / 1000).toFixed(1)} s`;
}
