import { readText } from "./read-text.ts";

/** What a request to another host may take. */
export interface RequestBounds {
  /** From the request to the last byte of the response. */
  readonly timeoutMs: number;
  /** Of the body of a response; counted after decompression. */
  readonly bytesMax: number;
}

/** The other host did not answer in time, answered with a failure, or with more than it may. */
export class HostUnavailableError extends Error {
  override readonly name = "HostUnavailableError";
}

/** The part of `fetch` that is bounded; the global one fits. */
export type BoundedFetch = (url: string, init?: RequestInit) => Promise<Response>;

/**
 * Makes a `fetch` that ends: within a time, with the response's whole body read, up to a size. Redirects are not followed, since they lead to
 * hosts that nobody configured.
 *
 * @throws HostUnavailableError, of the fetch that it makes: also for 429 and what a host responds with when it fails
 */
export function createBoundedFetch(fetch: typeof globalThis.fetch, bounds: RequestBounds): BoundedFetch {
  return async (url, init = {}) => {
    const { host } = new URL(url);
    const end = AbortSignal.timeout(bounds.timeoutMs);
    const signal = init.signal ? AbortSignal.any([init.signal, end]) : end;
    let response: Response;
    let text: string;
    try {
      response = await fetch(url, { ...init, redirect: "manual", signal });
      text = await readText(response, bounds.bytesMax);
    } catch (cause) {
      throw new HostUnavailableError(`${host} did not answer as it should.`, { cause });
    }
    const { status, headers } = response;
    if (status === 429 || status >= 500) throw new HostUnavailableError(`${host} responded with ${status}.`);
    const hasNoBody = status === 204 || status === 205 || status === 304;
    return new Response(hasNoBody ? null : text, { status, headers });
  };
}
