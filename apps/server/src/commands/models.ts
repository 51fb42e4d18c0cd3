import { loadEnvironment } from "../env.ts";
import { explainModelsError, parseModelsCommand, runModelsCommand, usage } from "./models-command.ts";
import { UsageError } from "./usage-error.ts";

process.exitCode = await run(process.argv.slice(2));

async function run(parameters: readonly string[]): Promise<number> {
  try {
    const command = parseModelsCommand(parameters);
    process.stdout.write(command === "help" ? usage : await runModelsCommand(command, loadEnvironment()));
    return 0;
  } catch (error) {
    const isMisused = error instanceof UsageError;
    process.stderr.write(isMisused ? `${error.message}\n\n${usage}` : `${explainModelsError(error)}\n`);
    return isMisused ? 2 : 1;
  }
}
