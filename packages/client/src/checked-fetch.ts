import { ObsqraError } from "./obsqra-error.ts";
import { unreadable } from "./to-obsqra-error.ts";

/** The part of `fetch` that the client uses. */
export type Fetch = (url: string, options?: RequestInit) => Promise<Response>;

/** A `fetch` that fails with an `ObsqraError` when no response comes, or one that is not JSON. */
export function createCheckedFetch(fetch: Fetch): typeof globalThis.fetch {
  return async (input, options) => {
    // tRPC's links pass text; their type allows more.
    const url = String(input);
    const fail = (cause: unknown) => {
      throw options?.signal?.aborted === true ? aborted() : unreachable(url, cause);
    };
    const response = await fetch(url, options).catch(fail);
    const text = await response.text().catch(fail);
    const json = parseJson(text, response);
    // tRPC keeps the response with the error, so that it has to stay a real one.
    return Object.defineProperty(response, "json", { value: async () => json });
  };
}

function parseJson(text: string, response: Response): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw unreadable(response, cause as SyntaxError);
  }
}

/** The error for a call whose signal was aborted. */
export function aborted(): ObsqraError<"REQUEST_ABORTED"> {
  return new ObsqraError("REQUEST_ABORTED", undefined, { message: "The call was aborted." });
}

/** The error for a call to which no response has come. */
export function unreachable(url: string, thrown: unknown): ObsqraError<"CONNECTION_FAILED"> {
  const [origin = url] = url.split("/trpc", 1);
  const message = `The Obsqra API cannot be reached at ${origin === "" ? "this origin" : origin}.`;
  const cause = thrown instanceof Error ? thrown : new Error(String(thrown));
  return new ObsqraError("CONNECTION_FAILED", undefined, { message, cause });
}
