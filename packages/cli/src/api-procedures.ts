import { createClient, isObsqraError, type ObsqraError } from "@obsqra/client";
import { initTRPC } from "@trpc/server";
import { getCliContext, type TrpcCliMeta } from "trpc-cli";
import { callService } from "./call-service.ts";
import type { ApiCommand } from "./command.ts";
import { toWord } from "./command.ts";
import { nameAsTyped, readCommonOptions, readInput, toOptionSchema } from "./command-input.ts";
import { UsageError } from "./exit-codes.ts";
import type { Place } from "./place.ts";
import { createSessionFile, sessionPath } from "./session-file.ts";

/** What a service is reached by. */
export interface Connection {
  /** Where it is; also what its tokens are kept under. */
  readonly url: string;
  readonly fetch: typeof fetch;
}

/** What a command line says of it. */
export interface ConnectionOptions {
  readonly url: string | undefined;
  readonly isInProcess: boolean;
}

const t = initTRPC.meta<TrpcCliMeta>().create();
export const commandRouter = t.router;

/** Calls of the API as procedures that print their results: by feature, then by name, as they are typed. */
export function createApiProcedures(
  commands: readonly ApiCommand[],
  place: Place,
  connect: (options: ConnectionOptions) => Promise<Connection>,
) {
  const features: Record<string, Record<string, ReturnType<typeof toProcedure>>> = {};
  for (const command of commands) {
    const [feature = "", name = ""] = command.path.split(".");
    features[feature] = { ...features[feature], [toWord(name)]: toProcedure(command) };
  }
  return features;

  function toProcedure(command: ApiCommand) {
    return t.procedure
      .meta({ description: command.summary })
      .input(schemaOf(command))
      .mutation(({ input }) => run(command, input));
  }

  async function run(command: ApiCommand, given: Readonly<Record<string, unknown>>): Promise<void> {
    const before = readProgramOptions();
    const options = readCommonOptions(command, given, before);
    const isInProcess = before.inProcess === true;
    if (isInProcess && command.kind === "subscription") {
      throw new UsageError("Nothing happens in this process that could be followed: use --url.");
    }
    const { url, fetch } = await connect({ url: options.url, isInProcess });
    const apiKey = place.variables.OBSQRA_API_KEY?.trim() || undefined;
    const tokens = createSessionFile(sessionPath(url, place));
    const owner = options.owner ?? (place.variables.OBSQRA_OWNER?.trim() || undefined);
    const client = createClient({ url, fetch, apiKey, tokens, owner });
    const input = await readInput(command, given, place.readSecret);
    await callService(client, command, { input, options, place }).catch((error: unknown) => {
      throw isObsqraError(error) && error.code === "VALIDATION_FAILED" ? toUsageError(command, error) : error;
    });
  }
}

/** Names what the service refuses as it was typed. */
function toUsageError(command: ApiCommand, error: ObsqraError<"VALIDATION_FAILED">): UsageError {
  const lines = error.details.issues.map(({ path, message }) => `${nameAsTyped(command, path)}: ${message}`);
  return new UsageError(lines.join("\n"), { cause: error });
}

/** The options before the command, which are the program's. */
function readProgramOptions(): Readonly<Record<string, unknown>> {
  // Commander's own method, which the library leaves out of its type.
  const program = getCliContext()?.program as { opts?: () => Record<string, unknown> } | undefined;
  return program?.opts?.() ?? {};
}

/** What a command line takes; the service checks the input. */
function schemaOf(command: ApiCommand) {
  return {
    "~standard": {
      vendor: "obsqra",
      version: 1 as const,
      // Commander gives an object of options.
      validate: (value: unknown) => ({ value: value as Readonly<Record<string, unknown>> }),
    },
    toJsonSchema: () => toOptionSchema(command),
  };
}
