import { spawn } from "node:child_process";
import { once } from "node:events";
import { expect, it } from "vitest";

it("leaves a process its exit code, so that failed tests and commands are seen to have failed", async () => {
  const startPostgres = new URL("./start-postgres.ts", import.meta.url);
  const code = `await import(${JSON.stringify(startPostgres.href)}); process.exitCode = 3;`;
  const child = spawn(process.execPath, ["--input-type=module", "--eval", code], { stdio: "ignore" });
  expect(await once(child, "exit")).toEqual([3, null]);
});
