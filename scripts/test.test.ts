import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { expect, inject, it } from "vitest";

const root = join(import.meta.dirname, "..");

function runTests(...args: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(root, "scripts/test.ts"), ...args], {
    cwd: root,
    encoding: "utf8",
  });
  return { status, output: stdout + stderr };
}

it.each([
  ["a name that no test has", ["packages/starknet/src/address.test.ts", "-t", "no such test"]],
  // Each starts Vitest anew.
  ...(inject("isLong")
    ? [["files that are in no selected project", ["packages/client", "--project", "pglite"]] as const]
    : []),
] as const)("fails when nothing was run: %s", (_what, args) => {
  const { status, output } = runTests(...args);
  expect(output).toContain("No test has run");
  expect(status).toBe(1);
});

it("fails when one of several paths chooses no file, and names it", () => {
  const { status, output } = runTests("scripts/test-no-such.test.ts", "packages/client/src/index.test.ts");
  expect(output).toContain("No test file is in what was selected by scripts/test-no-such.test.ts.");
  expect(status).toBe(1);
});

it.runIf(inject("isLong"))("runs the test at a line", () => {
  const { status, output } = runTests("packages/starknet/src/address.test.ts:17");
  expect(output).toMatch(/Tests .*1 passed/);
  expect(status).toBe(0);
});

it.runIf(inject("isLong"))("takes no path after -u for its value, which would choose everything", () => {
  const [first, second] = [
    "packages/starknet/src/address.test.ts:17",
    "packages/starknet/src/address.test.ts:10",
  ];
  const { status, output } = runTests("-u", first, second);
  expect(output).toMatch(/Tests .*2 passed/);
  expect(status).toBe(0);
});
