import { loadEnvironment } from "../env.ts";
import { explainAccountsError, parseAccountsCommand, runAccountsCommand, usage } from "./accounts-command.ts";
import { UsageError } from "./usage-error.ts";

process.exitCode = await run(process.argv.slice(2));

async function run(parameters: readonly string[]): Promise<number> {
  const write = (text: string) => void process.stdout.write(text);
  try {
    const command = parseAccountsCommand(parameters);
    if (command !== "help") return await runAccountsCommand(command, loadEnvironment(), write);
    write(usage);
    return 0;
  } catch (error) {
    const isMisused = error instanceof UsageError;
    process.stderr.write(isMisused ? `${error.message}\n\n${usage}` : `${explainAccountsError(error)}\n`);
    return isMisused ? 2 : 1;
  }
}
