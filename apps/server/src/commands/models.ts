import { loadEnvironment } from "../env.ts";
import {
  explainCommandError,
  parseModelsCommand,
  runModelsCommand,
  UsageError,
  usage,
} from "./models-command.ts";

process.exitCode = await run(process.argv.slice(2));

async function run(parameters: readonly string[]): Promise<number> {
  try {
    const command = parseModelsCommand(parameters);
    process.stdout.write(command === "help" ? usage : await runModelsCommand(command, loadEnvironment()));
    return 0;
  } catch (error) {
    const isMisused = error instanceof UsageError;
    process.stderr.write(isMisused ? `${error.message}\n\n${usage}` : `${explainCommandError(error)}\n`);
    return isMisused ? 2 : 1;
  }
}
