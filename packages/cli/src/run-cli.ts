import tab from "@bomb.sh/tab/commander";
import { type AnyRouter, Command, createCli, FailedToExitError } from "trpc-cli";
import { type Connection, commandRouter, createApiProcedures } from "./api-procedures.ts";
import { type ApiCommand, toWord } from "./command.ts";
import { commonOptions, commonOptionsOf } from "./command-input.ts";
import { apiCommands } from "./commands.ts";
import { describeError, exitCodeOf, exitCodes, explainError } from "./exit-codes.ts";
import type { Place } from "./place.ts";

const defaultUrl = "http://localhost:8000";

const about = `The Obsqra API from a terminal.

  obsqra predictions yield-forecast
  obsqra auth login --email ada@example.org
  obsqra transactions list --all --json | jq .tx_hash

Ends with 0 when it is done, 1 when the service refuses, 2 for a command line that cannot be understood, 3 when nobody is signed in
who may do this, 4 when trying again later may help, 130 after Ctrl-C.
`;

/** What a program has besides the API. */
export interface CliOptions {
  readonly version: string;
}

/**
 * Runs a command line.
 *
 * @returns the exit code
 */
export async function runCli(place: Place, { version }: CliOptions): Promise<number> {
  const connect = async (url: string | undefined): Promise<Connection> => {
    const given = url ?? place.variables.OBSQRA_URL?.trim();
    return { url: (given || defaultUrl).replace(/\/+$/, ""), fetch: place.fetch };
  };
  const router = commandRouter(createApiProcedures(commandsFor(place.parameters), place, connect));
  return runRouter(router, place, version);
}

/** Those of the feature that is typed, which are ready sooner than all; all where none is, or where words are completed. */
function commandsFor(parameters: readonly string[]): readonly ApiCommand[] {
  const isOf = (word: string) => (command: ApiCommand) => command.path.startsWith(`${word}.`);
  const feature = parameters.find((word) => apiCommands.some(isOf(word)));
  return feature === undefined || parameters[0] === "complete"
    ? apiCommands
    : apiCommands.filter(isOf(feature));
}

async function runRouter(router: AnyRouter, place: Place, version: string): Promise<number> {
  const { parameters, output, complaints } = place;
  let failure: { readonly error: unknown } | undefined;
  const isJson = parameters.includes("--json");
  const run = {
    argv: [...parameters],
    prompts: false,
    logger: {
      info: (text: unknown) => output.write(String(text)),
      error: (text: unknown) => complaints.write(String(text)),
    },
    formatError: (error: unknown) => {
      failure = { error };
      return isJson ? `${JSON.stringify(describeError(error))}\n` : `${explainError(error).trimEnd()}\n`;
    },
    process: { exit },
  };
  const cli = createCli({ router, name: "obsqra", version, description: about });
  const program = arrange(cli.buildProgram(run), place);
  const end: unknown = await cli.run(run, program).catch((error: unknown) => error);
  if (failure !== undefined) return exitCodeOf(failure.error);
  if (!(end instanceof FailedToExitError)) throw end;
  return end.exitCode === 0 ? exitCodes.done : exitCodes.misused;
}

/** Adds the options that commands have in common, what the library leaves to Commander, and completion. */
function arrange(program: unknown, { output, complaints }: Place): Command {
  // What the library gives is one, by its documentation.
  if (!(program instanceof Command)) throw new TypeError("There is no command line to arrange.");
  program.enablePositionalOptions();
  program.option(...commonOptions.json).option(...commonOptions.url);
  program.showHelpAfterError("See: obsqra --help");
  const known = new Map(
    apiCommands.map((command) => [command.path.split(".").map(toWord).join(" "), command]),
  );
  for (const group of program.commands) {
    // Commander would end the process.
    group.exitOverride(({ exitCode }) => exit(exitCode));
    group.configureOutput({
      writeOut: (text) => output.write(text),
      writeErr: (text) => complaints.write(text),
    });
    group.showHelpAfterError(`See: obsqra ${group.name()} --help`);
    for (const command of group.commands) {
      const name = `${group.name()} ${command.name()}`;
      command.showHelpAfterError(`See: obsqra ${name} --help`);
      const api = known.get(name);
      if (api === undefined) continue;
      command.addHelpText("after", `\n${api.description}`);
      for (const option of commonOptionsOf(api)) {
        const [flags, text] = commonOptions[option];
        command.option(flags, text);
      }
    }
    group.summary(group.commands.map((command) => command.name()).join(", "));
    group.description("");
  }
  program.description(about);
  tab(program);
  return program;
}

function exit(exitCode: number): never {
  throw new FailedToExitError("", { exitCode, cause: undefined });
}
