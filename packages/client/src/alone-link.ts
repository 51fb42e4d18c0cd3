import { type Operation, TRPCClientError, type TRPCLink } from "@trpc/client";
import { createAsyncLink, type Envelope } from "./async-link.ts";
import type { Fetch } from "./checked-fetch.ts";
import type { AppRouter } from "./router.ts";
import { unreadable } from "./to-obsqra-error.ts";

export interface AloneLinkOptions {
  /** Where tRPC is served. */
  readonly url: string;
  readonly fetch: Fetch;
  readonly headers: (operation: Operation) => Promise<Record<string, string>>;
}

/** Leaves room in a URL for the address and the procedure's name. */
const inputLengthMax = 1500;

/** Sends an operation in a request of its own: a tenth of tRPC's `httpLink`, which also sends forms and files. */
export function createAloneLink({ url, fetch, headers }: AloneLinkOptions): TRPCLink<AppRouter> {
  return createAsyncLink(async (op): Promise<Envelope> => {
    const body = JSON.stringify(op.input);
    const isInBody = op.type === "mutation" || isLong(op);
    const sent = await headers(op);
    const response = isInBody
      ? await fetch(`${url}/${op.path}`, {
          method: "POST",
          headers: { "content-type": "application/json", ...sent },
          ...(body === undefined ? {} : { body }),
          signal: op.signal ?? null,
        })
      : await fetch(addressOf(url, op), { method: "GET", headers: sent, signal: op.signal ?? null });
    const json: unknown = await response.json();
    if (typeof json !== "object" || json === null) throw unreadable(response);
    // The service's own; anything else has an error, or is unreadable.
    const { result } = json as { readonly result?: { readonly data?: unknown } };
    if (result === undefined) throw refusalOf(response, json);
    return { result: { type: "data", data: result.data } };
  });
}

/** A query whose input does not fit into a URL is sent in a body. */
export function isLong({ type, input }: Operation): boolean {
  return type === "query" && encodeURIComponent(JSON.stringify(input) ?? "").length > inputLengthMax;
}

/** The address of what is read. */
export function addressOf(url: string, { path, input }: Operation): string {
  const query = input === undefined ? "" : `?input=${encodeURIComponent(JSON.stringify(input))}`;
  return `${url}/${path}${query}`;
}

/** The error that a response tells of. */
export function refusalOf(response: Response, json: object): Error {
  return TRPCClientError.from(json, { meta: { response, responseJSON: json } });
}
