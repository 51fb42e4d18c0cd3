import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";

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

it.each([
  ["fuzz.ts", "--engine", "sqlite", "Use --engine pglite or --engine postgres."],
  ["differential.ts", "--calls", "0", "Use a whole number from 1 for --calls, not 0."],
  ["paging.ts", "--seed", "1.5", "Use a whole number from 0 for --seed, not 1.5."],
  ["idempotency.ts", "--kill", "3", "Unknown option '--kill'"],
])("%s refuses %s %s, says why and shows its help", async (script, option, value, reason) => {
  const { code, stdout, stderr } = await runScript(script, option, value);
  expect(code).toBe(2);
  expect(stdout).toBe("");
  expect(stderr).toContain(reason);
  expect(stderr).toContain("Usage: pnpm ");
});

it("does nothing but show its help when asked to", async () => {
  const { code, stdout } = await runScript("paging.ts", "--help");
  expect(code).toBe(0);
  expect(stdout).toContain("Usage: pnpm paging");
});
