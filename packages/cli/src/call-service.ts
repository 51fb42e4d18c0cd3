import {
  type FollowInput,
  follow,
  type ListProcedure,
  type LiveEvent,
  type LoginInput,
  type ObsqraClient,
  paginate,
} from "@obsqra/client";
import type { ApiCommand } from "./command.ts";
import type { CommonOptions } from "./command-input.ts";
import { formatResult } from "./format-result.ts";
import type { Place } from "./place.ts";
import { signInVisibly } from "./sign-in-visibly.ts";
import { visibleJson, visibleText } from "./visible-text.ts";
import { waitVisibly } from "./wait-visibly.ts";

/** A procedure of the client, whose name is known at run time only. */
interface Procedure {
  readonly query: (input: unknown, options: { readonly signal: AbortSignal }) => Promise<unknown>;
  readonly mutate: Procedure["query"];
}

/** What tokens are called in a result. They are kept, and not shown to whoever looks over a shoulder. */
const tokenNames = ["access_token", "refresh_token", "device_token"];

/** Makes a call, and prints what comes of it as it comes. */
export async function callService(
  client: ObsqraClient,
  { path, kind, isList }: ApiCommand,
  {
    input,
    options,
    place,
  }: { readonly input: unknown; readonly options: CommonOptions; readonly place: Place },
): Promise<void> {
  const { output, complaints, signal } = place;
  const show = (result: unknown) => output.write(options.json ? toJson(result) : visibleText(toText(result)));
  if (kind === "subscription") {
    // The only subscription there is takes this, and the service checks it.
    for await (const event of follow(client.events.follow, input as FollowInput, { signal })) {
      output.write(options.json ? toLine(event) : visibleText(toEventText(event)));
    }
    return;
  }
  const procedure = procedureAt(client, path);
  if (isList && options.all) return readAll();
  if (path === "auth.login") {
    // The command takes what the endpoint takes.
    const signedIn = await signInVisibly(client, input as LoginInput, place);
    return void show(signedIn);
  }
  const call = kind === "query" ? procedure.query(input, { signal }) : procedure.mutate(input, { signal });
  show(await waitVisibly(complaints, call));

  async function readAll(): Promise<void> {
    // A list takes an object, and gives pages: `isList` says so.
    const pages = paginate(procedure as unknown as ListProcedure, input as never, { signal }).byPage();
    const rows: unknown[] = [];
    for await (const { items } of pages) {
      if (options.json) for (const item of items) output.write(toLine(item));
      else {
        rows.push(...items);
        if (complaints.isTerminal) complaints.write(`\r\u001b[2K${rows.length} read`);
      }
    }
    if (complaints.isTerminal && !options.json) complaints.write("\r\u001b[2K");
    if (!options.json) show({ items: rows, next_cursor: null });
  }

  function toText(result: unknown): string {
    if (result === undefined) return "Done.\n";
    if (typeof result !== "object" || result === null) return formatResult(result, output.columns);
    const { next_cursor, ...shown } = result as Record<string, unknown>;
    for (const name of tokenNames) delete shown[name];
    if (!isList) return formatResult(Array.isArray(result) ? result : shown, output.columns);
    const { items, ...others } = shown;
    const rest = Object.keys(others).length === 0 ? "" : `\n${formatResult(others, output.columns)}`;
    const more = next_cursor === null ? "" : `\nMore: --cursor ${String(next_cursor)}, or --all.\n`;
    return `${formatResult(items ?? result, output.columns)}${rest}${more}`;
  }

  function toJson(result: unknown): string {
    if (result === undefined) return "";
    return output.isTerminal ? `${visibleJson(result, 2)}\n` : toLine(result);
  }
}

function toEventText(event: LiveEvent): string {
  const payload = "payload" in event ? `  ${visibleJson(event.payload)}` : "";
  return `${event.occurred_at}  ${event.type}${payload}\n`;
}

function toLine(value: unknown): string {
  return `${visibleJson(value)}\n`;
}

function procedureAt(client: ObsqraClient, path: string): Procedure {
  const [feature = "", name = ""] = path.split(".");
  // Every feature has its procedures by name; the commands are made from the same contract.
  const features = client as unknown as Readonly<Record<string, Readonly<Record<string, Procedure>>>>;
  const procedure = features[feature]?.[name];
  if (procedure === undefined) throw new Error(`The client has no ${path}.`);
  return procedure;
}
