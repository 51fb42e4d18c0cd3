import type { GuardedOutcome, GuardedPost } from "@obsqra/http";
import type { Tracing } from "./create-tracing.ts";

type Post = (request: GuardedPost) => Promise<GuardedOutcome>;

/** Sends webhooks with the trace that they belong to. Of their URL, which may hold a secret, the trace has the host only. */
export function tracePosts(post: Post, { send }: Tracing): Post {
  return (request) =>
    send(
      { name: "POST webhook", attributes: facts("POST", request.url) },
      (headers) => post({ ...request, headers: { ...request.headers, ...headers } }),
      (outcome) =>
        "status" in outcome
          ? ended(outcome.status)
          : { attributes: { "error.type": outcome.failure }, isError: true },
    );
}

/** The same for whatever else is asked: feeds, nodes and witnesses. */
export function traceFetch(plain: typeof fetch, { send }: Tracing): typeof fetch {
  return (input, init) => {
    const url = input instanceof Request ? input.url : String(input);
    const method = init?.method ?? (input instanceof Request ? input.method : "GET");
    return send(
      { name: method, attributes: facts(method, url) },
      ({ traceparent }) => {
        const headers = new Headers(init?.headers ?? (input instanceof Request ? input.headers : undefined));
        headers.set("traceparent", traceparent);
        return plain(input, { ...init, headers });
      },
      ({ status }) => ended(status),
    );
  };
}

function facts(method: string, url: string) {
  return { "http.request.method": method, "server.address": new URL(url).hostname };
}

function ended(status: number) {
  return { attributes: { "http.response.status_code": status }, isError: status >= 400 };
}
