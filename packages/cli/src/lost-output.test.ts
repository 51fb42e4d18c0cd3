import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { open } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { exitCodes } from "./exit-codes.ts";

const program = fileURLToPath(new URL("main.ts", import.meta.url));

it.runIf(existsSync("/dev/full"))("has failed where what it says could not be written", async () => {
  await using full = await open("/dev/full", "w");
  const cli = spawn(process.execPath, [program, "--help"], { stdio: ["ignore", full.fd, "pipe"] });
  let complaints = "";
  cli.stderr?.setEncoding("utf8").on("data", (text: string) => {
    complaints += text;
  });
  expect(await once(cli, "close")).toEqual([exitCodes.failed, null]);
  expect(complaints).toContain("could not be written (ENOSPC)");
});

it("has done its work where its reader had enough of it", async () => {
  const cli = spawn(process.execPath, [program, "--help"], { stdio: ["ignore", "pipe", "ignore"] });
  cli.stdout?.destroy();
  expect(await once(cli, "close")).toEqual([exitCodes.done, null]);
});
