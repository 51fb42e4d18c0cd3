import { aborted } from "./aborted.ts";
import { ObsqraError } from "./obsqra-error.ts";
import { toObsqraError, unreadable } from "./to-obsqra-error.ts";

/** The part of `fetch` that the client uses. */
export type Fetch = (url: string, options?: RequestInit) => Promise<Response>;

/** A request as `onRequest` sees it, before it is sent. */
export interface SentRequest {
  readonly url: string;
  readonly method: string;
  /** May be added to: `traceparent`, say. */
  readonly headers: Record<string, string>;
  /** The procedures that it calls: `["auth.me"]`. */
  readonly calls: readonly string[];
}

/** What became of a request, as `onResponse` sees it. */
export interface ReceivedResponse {
  readonly request: SentRequest;
  /** Undefined where no response came. */
  readonly status: number | undefined;
  /** The service's log has the same. */
  readonly request_id: string | undefined;
  /** Why no response came. */
  readonly error: unknown;
  readonly durationMs: number;
}

/** Called for every request, those of retries and renewals included. What they throw, the call fails with, as CLIENT_FAILED. */
export interface RequestHooks {
  readonly onRequest?: ((request: SentRequest) => void | Promise<void>) | undefined;
  readonly onResponse?: ((response: ReceivedResponse) => void | Promise<void>) | undefined;
}

/** A `fetch` that tells of what it does. */
export function createObservedFetch(fetch: Fetch, { onRequest, onResponse }: RequestHooks): Fetch {
  if (onRequest === undefined && onResponse === undefined) return fetch;
  return async (url, options) => {
    // The links give a plain object.
    const headers = { ...(options?.headers as Record<string, string>) };
    const calls = (/\/trpc\/([^?]*)/.exec(url)?.[1] ?? "").split(",");
    const request = { url, method: options?.method ?? "GET", headers, calls };
    await tellOf(() => onRequest?.(request));
    const startedAt = performance.now();
    const tell = (status: number | undefined, request_id: string | undefined, error: unknown) =>
      tellOf(() =>
        onResponse?.({ request, status, request_id, error, durationMs: performance.now() - startedAt }),
      );
    let response: Response;
    try {
      response = await fetch(url, { ...options, headers });
    } catch (error) {
      await tell(undefined, undefined, error);
      throw failed(url, error, options?.signal);
    }
    await tell(response.status, response.headers.get("x-request-id") ?? undefined, undefined);
    return response;
  };
}

/** A `fetch` that fails with an `ObsqraError` when no response comes, or one that is not JSON. */
export function createCheckedFetch(fetch: Fetch): (input: unknown, init?: object) => Promise<Response> {
  return async (input, init) => {
    // tRPC's links pass text and what `fetch` takes; their types allow more.
    const url = String(input);
    const options = init as RequestInit | undefined;
    const fail = (cause: unknown) => {
      throw failed(url, cause, options?.signal);
    };
    const response = await fetch(url, options).catch(fail);
    const text = await response.text().catch(fail);
    const json = parseJson(text, response);
    // tRPC keeps the response with the error, so that it has to stay a real one.
    return Object.defineProperty(response, "json", { value: async () => json });
  };
}

/** What a hook throws is not the connection's doing. */
async function tellOf(hook: () => void | Promise<void> | undefined): Promise<void> {
  try {
    await hook();
  } catch (error) {
    throw toObsqraError(error);
  }
}

function parseJson(text: string, response: Response): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw unreadable(response, cause as SyntaxError);
  }
}

/** The error for a call to which no response has come. */
export function failed(url: string, thrown: unknown, signal: AbortSignal | null | undefined): ObsqraError {
  if (thrown instanceof ObsqraError) return thrown;
  if (signal?.aborted === true) return aborted(signal.reason);
  const [origin = url] = url.split("/trpc", 1);
  const message = `The Obsqra API cannot be reached at ${origin === "" ? "this origin" : origin}.`;
  const cause = thrown instanceof Error ? thrown : new Error(String(thrown));
  return new ObsqraError("CONNECTION_FAILED", undefined, { message, cause });
}
