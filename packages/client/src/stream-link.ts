import type { TRPCLink } from "@trpc/client";
import { type AloneLinkOptions, addressOf, refusalOf } from "./alone-link.ts";
import { createAsyncLink } from "./async-link.ts";
import { failed } from "./checked-fetch.ts";
import type { AppRouter } from "./router.ts";
import { unreadable } from "./to-obsqra-error.ts";

/** Opens a stream, and gives its response once it has begun. Whoever reads it ends it, by the call's signal. */
export function createStreamLink({ url, fetch, headers }: AloneLinkOptions): TRPCLink<AppRouter> {
  return createAsyncLink(async (op) => {
    const address = addressOf(url, op);
    const response = await fetch(address, {
      headers: { ...(await headers(op)), accept: "text/event-stream" },
      signal: op.signal ?? null,
    }).catch((cause: unknown) => {
      throw failed(address, cause, op.signal);
    });
    if (response.headers.get("content-type") === "text/event-stream") return { result: { data: response } };
    const json: unknown = await response.json().catch((cause: Error) => {
      throw unreadable(response, cause);
    });
    // What is not an object is not the service's.
    throw refusalOf(response, Object(json));
  });
}
