#!/usr/bin/env node
import { readFile } from "node:fs/promises";
import { runCommand } from "./run-command.ts";

process.exitCode = await runCommand(process.argv.slice(2), {
  fetch,
  readFile: (path) => readFile(path, "utf8"),
  write: (text) => void process.stdout.write(text),
  complain: (text) => void process.stderr.write(text),
});
