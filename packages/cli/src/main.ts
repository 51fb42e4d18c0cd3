#!/usr/bin/env node
import { readFileSync } from "node:fs";
import { thisTerminal } from "./place.ts";
import { runCli } from "./run-cli.ts";

const { version } = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8")) as {
  version: string;
};
process.exitCode = await runCli(thisTerminal(), { version });
