import { type Operation, TRPCClientError, type TRPCLink } from "@trpc/client";
import { observable } from "@trpc/server/observable";
import type { Fetch } from "./checked-fetch.ts";
import { failed } from "./checked-fetch.ts";
import type { AppRouter } from "./router.ts";
import { toObsqraError, unreadable } from "./to-obsqra-error.ts";

interface StreamLinkOptions {
  readonly url: string;
  readonly fetch: Fetch;
  readonly headers: (operations: readonly Operation[]) => Promise<Record<string, string>>;
}

/** Opens a stream, and gives its response once it has begun. Whoever reads it ends it, by the call's signal. */
export function createStreamLink({ url, fetch, headers }: StreamLinkOptions): TRPCLink<AppRouter> {
  return () =>
    ({ op }) =>
      observable((observer) => {
        open(op).then(
          (data) => {
            observer.next({ result: { data } });
            observer.complete();
          },
          (error: Error) => observer.error(toObsqraError(error)),
        );
      });

  async function open(op: Operation): Promise<Response> {
    const query = op.input === undefined ? "" : `?input=${encodeURIComponent(JSON.stringify(op.input))}`;
    const address = `${url}/${op.path}${query}`;
    const response = await fetch(address, {
      headers: { ...(await headers([op])), accept: "text/event-stream" },
      signal: op.signal ?? null,
    }).catch((cause: unknown) => {
      throw failed(address, cause, op.signal);
    });
    if (response.headers.get("content-type") === "text/event-stream") return response;
    const json: unknown = await response.json().catch((cause: Error) => {
      throw unreadable(response, cause);
    });
    throw TRPCClientError.from(json as object, { meta: { response, responseJSON: json } });
  }
}
