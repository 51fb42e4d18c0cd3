import { parseArgs } from "node:util";
import { UsageError } from "./exit-codes.ts";
import type { Place } from "./place.ts";

const help = `Serves a local agent over standard input and output, by the Model Context Protocol, with what the service has at /mcp.

Usage: obsqra mcp [--url URL]

  --url URL  where the service is; otherwise OBSQRA_URL, or http://localhost:8000
  --help     show this text

Public data need no key. For what is yours, set OBSQRA_API_KEY to a key that may read and advise: auth create-api-key.
`;

/** A message of JSON-RPC, as far as passing it on needs it. */
interface Message {
  readonly id?: string | number;
  readonly method?: string;
  readonly params?: {
    readonly name?: unknown;
    readonly uri?: unknown;
    readonly _meta?: Readonly<Record<string, unknown>>;
  };
}

/** Where a message says which version of the protocol it is of, since 2026-07-28. */
const versionKey = "io.modelcontextprotocol/protocolVersion";

/** JSON-RPC 2.0, 5.1. */
const errorCodes = { parse: -32_700, internal: -32_603 } as const;

/** How many messages are passed on at once; further ones wait. */
const concurrentMax = 16;

/**
 * Passes what an agent writes, a message a line, on to the service's `/mcp`, and what comes back to the agent, until its input ends. What
 * cannot be passed on is answered with an error, so that the agent waits for nothing.
 *
 * @param readUrl where the service is, by what `--url` says
 * @returns the exit code
 */
export async function serveAgent(
  place: Place,
  parameters: readonly string[],
  readUrl: (option: string | undefined) => string,
): Promise<number> {
  const { values } = readParameters(parameters);
  if (values.help === true) {
    place.output.write(help);
    return 0;
  }
  const url = `${readUrl(values.url)}/mcp`;
  const running = new Set<Promise<void>>();
  for await (const line of place.readLines()) {
    if (line.trim() === "") continue;
    while (running.size >= concurrentMax) await Promise.race(running);
    const passed = passOn(line).finally(() => running.delete(passed));
    running.add(passed);
  }
  await Promise.all(running);
  return 0;

  async function passOn(line: string): Promise<void> {
    const message = readMessage(line);
    if (message === undefined) return answer(undefined, errorCodes.parse, "This is no message of JSON-RPC.");
    try {
      const response = await place.fetch(url, {
        method: "POST",
        headers: headersOf(message),
        body: line,
        signal: place.signal,
      });
      const text = await response.text();
      const replies = readReplies(response, text);
      for (const reply of replies) place.output.write(`${reply}\n`);
      if (replies.length === 0 && !response.ok)
        answer(message.id, errorCodes.internal, readDetail(text, response));
    } catch (error) {
      const cause = error instanceof Error && error.cause instanceof Error ? ` ${error.cause.message}` : "";
      answer(message.id, errorCodes.internal, `${url} cannot be reached.${cause}`);
    }
  }

  function headersOf({ method = "", params }: Message): Record<string, string> {
    const key = place.variables.OBSQRA_API_KEY?.trim();
    const version = params?._meta?.[versionKey];
    const name = params?.name ?? params?.uri;
    return {
      "content-type": "application/json",
      accept: "application/json, text/event-stream",
      ...(key && { authorization: `Bearer ${key}` }),
      // What the protocol asks of a request over HTTP.
      ...(typeof version === "string" && { "mcp-protocol-version": version, "mcp-method": method }),
      ...(typeof version === "string" && typeof name === "string" && { "mcp-name": toHeader(name) }),
    };
  }

  /** A notification, which has no id, is not answered. */
  function answer(id: Message["id"] | null, code: number, message: string): void {
    if (id === undefined && code !== errorCodes.parse) return;
    place.output.write(`${JSON.stringify({ jsonrpc: "2.0", id: id ?? null, error: { code, message } })}\n`);
  }
}

function readParameters(parameters: readonly string[]) {
  try {
    return parseArgs({
      args: [...parameters],
      options: { url: { type: "string" }, help: { type: "boolean" } },
    });
  } catch (error) {
    throw new UsageError(`${error instanceof Error ? error.message : String(error)} See: obsqra mcp --help`);
  }
}

function readMessage(line: string): Message | undefined {
  try {
    const message: unknown = JSON.parse(line);
    return typeof message === "object" && message !== null && !Array.isArray(message) ? message : undefined;
  } catch {
    return undefined;
  }
}

/** The messages of a response, each on a line of its own. */
function readReplies(response: Response, text: string): string[] {
  const type = response.headers.get("content-type") ?? "";
  if (type.startsWith("application/json")) return [JSON.stringify(JSON.parse(text))];
  if (!type.startsWith("text/event-stream")) return [];
  return text.split("\n").flatMap((line) => (/^data: ?\{/.test(line) ? [line.replace(/^data: ?/, "")] : []));
}

/** What a problem (RFC 9457) says. */
function readDetail(text: string, { status }: Response): string {
  try {
    const { detail } = JSON.parse(text) as { readonly detail?: unknown };
    if (typeof detail === "string") return detail;
  } catch {
    // No problem of the service: something between has answered.
  }
  return `The service answered with status ${status}.`;
}

/** A header has visible ASCII only; other names are sent as the protocol says, in base64. */
function toHeader(name: string): string {
  const isPlain = /^[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?$/.test(name) && !/^=\?.*\?=$/.test(name);
  return isPlain ? name : `=?base64?${Buffer.from(name).toString("base64")}?=`;
}
