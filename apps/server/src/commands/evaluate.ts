import { stopOnSignal } from "../stop-on-signal.ts";
import { thisProcess } from "../this-process.ts";
import { interruptedCode, runEvaluateCommand } from "./evaluate-command.ts";

const { signal } = stopOnSignal(2_000, () => process.exit(interruptedCode));
process.exitCode = await runEvaluateCommand({
  ...thisProcess,
  isTerminal: process.stderr.isTTY === true,
  signal,
});
