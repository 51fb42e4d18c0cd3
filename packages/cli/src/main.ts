#!/usr/bin/env node
import { readFileSync } from "node:fs";
import { homedir } from "node:os";
import { createSecretReader, screenOf } from "./place.ts";
import { runCli } from "./run-cli.ts";

const { version } = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8")) as {
  version: string;
};
const interruption = new AbortController();
process.once("SIGINT", () => interruption.abort());
// Whoever reads the output may have enough of it, as `head` does.
process.stdout.on("error", () => process.exit(0));

process.exitCode = await runCli(
  {
    parameters: process.argv.slice(2),
    // biome-ignore lint/style/noProcessEnv: the one place that reads it.
    variables: process.env,
    home: homedir(),
    output: screenOf(process.stdout),
    complaints: screenOf(process.stderr),
    readSecret: createSecretReader(process.stdin, process.stderr),
    signal: interruption.signal,
    fetch,
  },
  { version },
);
