import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect, inject, it } from "vitest";

interface Result {
  readonly code: unknown;
  readonly stdout: string;
  readonly stderr: string;
}

function runScript(name: string, ...parameters: string[]): Promise<Result> {
  const path = fileURLToPath(new URL(name, import.meta.url));
  return new Promise((resolve) => {
    execFile(process.execPath, [path, ...parameters], (error, stdout, stderr) =>
      resolve({ code: error === null ? 0 : error.code, stdout, stderr }),
    );
  });
}

const mistakes = [
  ["fuzz.ts", "--engine", "sqlite", "Use --engine pglite or --engine postgres."],
  ["differential.ts", "--calls", "0", "Use a whole number from 1 for --calls, not 0."],
  ["paging.ts", "--seed", "1.5", "Use a whole number from 0 for --seed, not 1.5."],
  ["measure-start.ts", "--port", "http", "Use a whole number from 1 for --port, not http."],
  ["idempotency.ts", "--kill", "3", "Unknown option '--kill'"],
] as const;

// Each starts a process.
it.each(inject("isLong") ? mistakes : mistakes.slice(1, 2))(
  "%s refuses %s %s, says why and shows its help",
  async (script, option, value, reason) => {
    const { code, stdout, stderr } = await runScript(script, option, value);
    expect(code).toBe(2);
    expect(stdout).toBe("");
    expect(stderr).toContain(reason);
    expect(stderr).toContain("Usage: pnpm ");
  },
);

const files = [
  ["measure-start.ts", import.meta.dirname, "The path is not a file."],
  ["measure-start.ts", "/no/such/history.csv", "There is no market data file at this path."],
  ["simulate.ts", "--data=/no/such/history.csv", "There is no market data file at this path."],
] as const;

it.each(inject("isLong") ? files : files.slice(1, 2))(
  "%s says what is wrong with the file %s, without a stack",
  async (script, parameter, reason) => {
    const { code, stderr } = await runScript(script, parameter);
    expect(code).toBe(1);
    expect(stderr).toContain(reason);
    expect(stderr).not.toContain("    at ");
  },
);

it.runIf(inject("isLong"))("does nothing but show its help when asked to", async () => {
  const { code, stdout } = await runScript("paging.ts", "--help");
  expect(code).toBe(0);
  expect(stdout).toContain("Usage: pnpm paging");
});
