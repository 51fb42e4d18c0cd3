import tab from "@bomb.sh/tab/commander";
import { type AnyRouter, Command, createCli, FailedToExitError } from "trpc-cli";
import {
  type Connection,
  type ConnectionOptions,
  commandRouter,
  createApiProcedures,
} from "./api-procedures.ts";
import { type ApiCommand, toWord } from "./command.ts";
import { commonOptions, commonOptionsOf, sayWhatIsAskedFor } from "./command-input.ts";
import { apiCommands } from "./commands.ts";
import { describeError, exitCodeOf, exitCodes, explainError, UsageError } from "./exit-codes.ts";
import type { Place } from "./place.ts";
import { serveAgent } from "./serve-agent.ts";
import { visibleJson } from "./visible-text.ts";

/** Serves a local agent. */
const agentCommand = "mcp";

const defaultUrl = "http://localhost:8000";

const about = `The Obsqra API from a terminal.

  obsqra predictions yield-forecast
  obsqra auth login --email ada@example.org
  obsqra transactions list --all --json | jq .tx_hash

Ends with 0 when it is done, 1 when the service refuses, 2 for a command line that cannot be understood, 3 when nobody is signed in
who may do this, 4 when trying again later may help, 130 after Ctrl-C.
`;

/** Commands of an operator, which read the rest of the line themselves. */
export interface CommandGroup {
  readonly summary: string;
  /** The word that follows, with which it is one of these; a feature may have the same name, and other commands. */
  readonly commands: readonly string[];
  /** @returns the exit code */
  readonly run: (parameters: readonly string[]) => Promise<number>;
}

/** What a program has besides the API over HTTP. */
export interface CliOptions {
  readonly version: string;
  /** By the word that they begin with. */
  readonly groups?: Readonly<Record<string, CommandGroup>>;
  /** Opens the service in this process, for `--in-process`. */
  readonly openInProcess?: () => Promise<Connection & AsyncDisposable>;
}

/**
 * Runs a command line.
 *
 * @returns the exit code
 */
export async function runCli(place: Place, options: CliOptions): Promise<number> {
  const { groups = {}, openInProcess } = options;
  const [first = "", second = ""] = place.parameters;
  const group = groups[first];
  const isFeature = apiCommands.some(({ path }) => path.startsWith(`${first}.`));
  if (group !== undefined && (!isFeature || group.commands.includes(second))) {
    return group.run(place.parameters.slice(1));
  }
  if (first === agentCommand) return runForAgent(place);
  let opened: AsyncDisposable | undefined;
  const connect = async ({ url, isInProcess }: ConnectionOptions): Promise<Connection> => {
    if (isInProcess && openInProcess !== undefined) {
      const service = await openInProcess();
      opened = service;
      return service;
    }
    return { url: readUrl(url, place.variables.OBSQRA_URL?.trim()), fetch: place.fetch };
  };
  const router = commandRouter(createApiProcedures(commandsFor(place.parameters), place, connect));
  try {
    return await runRouter(router, place, options);
  } finally {
    await opened?.[Symbol.asyncDispose]();
  }
}

async function runForAgent(place: Place): Promise<number> {
  try {
    const variable = place.variables.OBSQRA_URL?.trim();
    return await serveAgent(place, place.parameters.slice(1), (option) => readUrl(option, variable));
  } catch (error) {
    place.complaints.write(`${explainError(error)}\n`);
    return exitCodeOf(error);
  }
}

/** Where the service is, without slashes at the end. */
function readUrl(option: string | undefined, variable: string | undefined): string {
  const url = option ?? (variable || defaultUrl);
  const protocol = URL.canParse(url) ? new URL(url).protocol : "";
  if (protocol !== "http:" && protocol !== "https:") {
    const name = option === undefined ? "OBSQRA_URL" : "--url";
    throw new UsageError(`${name} takes an address such as ${defaultUrl}, not ${JSON.stringify(url)}.`);
  }
  return url.replace(/\/+$/, "");
}

/** Those of the feature that is typed, which are ready sooner than all; all where none is, or where words are completed. */
function commandsFor(parameters: readonly string[]): readonly ApiCommand[] {
  const isOf = (word: string) => (command: ApiCommand) => command.path.startsWith(`${word}.`);
  const feature = parameters.find((word) => apiCommands.some(isOf(word)));
  return feature === undefined || parameters[0] === "complete"
    ? apiCommands
    : apiCommands.filter(isOf(feature));
}

async function runRouter(router: AnyRouter, place: Place, options: CliOptions): Promise<number> {
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
      return isJson ? `${visibleJson(describeError(error))}\n` : `${explainError(error).trimEnd()}\n`;
    },
    process: { exit },
  };
  const cli = createCli({ router, name: "obsqra", version: options.version, description: about });
  const program = arrange(cli.buildProgram(run), place, options);
  const end: unknown = await cli.run(run, program).catch((error: unknown) => error);
  if (failure !== undefined) return exitCodeOf(failure.error);
  if (!(end instanceof FailedToExitError)) throw end;
  return end.exitCode === 0 ? exitCodes.done : exitCodes.misused;
}

/** Adds the options that commands have in common, what the library leaves to Commander, and completion. */
function arrange(
  program: unknown,
  { output, complaints }: Place,
  { groups = {}, openInProcess }: CliOptions,
): Command {
  // What the library gives is one, by its documentation.
  if (!(program instanceof Command)) throw new TypeError("There is no command line to arrange.");
  program.enablePositionalOptions();
  program
    .option(...commonOptions.json)
    .option(...commonOptions.owner)
    .option(...commonOptions.url);
  if (openInProcess !== undefined) {
    program.option("--in-process", "open the configured database in this process, in the place of a service");
  }
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
      command.addHelpText("after", `${sayWhatIsAskedFor(api)}\n${api.description}`);
      for (const option of commonOptionsOf(api)) {
        const [flags, text] = commonOptions[option];
        command.option(flags, text);
      }
    }
    group.summary(group.commands.map((command) => command.name()).join(", "));
    group.description("");
  }
  for (const [name, { summary, commands }] of Object.entries(groups)) {
    // For help and completion: these are run above.
    const known = program.commands.find((command) => command.name() === name);
    const group = known ?? program.command(name).summary(`${summary} ${commands.join(", ")}`.trimEnd());
    for (const command of commands) group.command(command);
    if (known !== undefined) known.summary(`${known.summary()}, ${commands.join(", ")}`);
  }
  // For help and completion: it is run above.
  program.command(agentCommand).summary("serve a local agent over standard input and output");
  program.description(about);
  tab(program);
  return program;
}

function exit(exitCode: number): never {
  throw new FailedToExitError("", { exitCode, cause: undefined });
}
