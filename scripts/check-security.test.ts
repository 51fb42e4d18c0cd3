import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";

function checkSecurity(...options: string[]) {
  const script = fileURLToPath(new URL("check-security.ts", import.meta.url));
  return spawnSync(process.execPath, [script, ...options], { encoding: "utf8" });
}

it("explains itself", () => {
  const { status, stdout } = checkSecurity("--help");
  expect([status, stdout]).toEqual([0, expect.stringContaining("OWASP ASVS")]);
});

it("finds every test that docs/security.md names", () => {
  const { status, stderr, stdout } = checkSecurity();
  expect([status, stderr, stdout]).toEqual([0, "", expect.stringContaining("Of 67 requirements")]);
});
