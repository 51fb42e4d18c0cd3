import { BodyTooLargeError, readText } from "@obsqra/http";
import { ChainUnavailableError } from "../errors.ts";

/** The part of `fetch` that the transport uses; the global one fits. */
export type Fetch = (url: string, init: RequestInit) => Promise<Response>;

export interface HttpTransportOptions {
  /** The node's JSON-RPC URL. User name and password in it are sent as basic authorisation. */
  url: string;
  fetch: Fetch;
  /** Limit for one attempt, response included, in milliseconds. @default 5000 */
  timeoutMs?: number;
  /** How often an attempt that failed by network, timeout, 429 or 5xx is repeated. @default 2 */
  retries?: number;
  /** Waits before the first repetition, in milliseconds; doubled each time. @default 200 */
  retryDelayMs?: number;
  /** Waits between attempts. @default a timer */
  wait?: (delayMs: number) => Promise<void>;
  /** Gives the signal that ends an attempt. @default AbortSignal.timeout */
  timeoutSignal?: (timeoutMs: number) => AbortSignal;
}

/** Results are a few field elements; the rest is for errors that bring a trace. */
const responseBytesMax = 1024 * 1024;

/** Posts JSON to one node. */
export interface HttpTransport {
  /** The node without user, password, path and query (all of which may hold a key): safe to show and to log. */
  origin: string;
  /** The body of a 2xx response, of at most 1 MiB; everything else throws `ChainUnavailableError`. */
  post(body: string): Promise<string>;
}

/**
 * A transport with a timeout and bounded repetition. Our calls only read, so repeating one is safe.
 *
 * @throws TypeError when the URL is not http(s); the message does not repeat it.
 */
export function createHttpTransport(options: HttpTransportOptions): HttpTransport {
  const { retries = 2, retryDelayMs = 200, wait = waitOnTimer } = options;
  const target = splitUrl(options.url);
  return {
    origin: target.origin,
    async post(body) {
      for (let attempt = 0; ; attempt++) {
        try {
          return await postOnce(options, target, body);
        } catch (error) {
          if (!(error instanceof ChainUnavailableError && error.retryable) || attempt >= retries) throw error;
          await wait(retryDelayMs * 2 ** attempt);
        }
      }
    },
  };
}

interface Target {
  origin: string;
  url: string;
  headers: Record<string, string>;
}

async function postOnce(options: HttpTransportOptions, target: Target, body: string): Promise<string> {
  const { timeoutMs = 5_000, timeoutSignal = AbortSignal.timeout } = options;
  const signal = timeoutSignal(timeoutMs);
  let status: number;
  let text: string;
  try {
    // A redirect would carry the request, and perhaps our key, to a host nobody configured.
    const init = { method: "POST", headers: target.headers, body, signal, redirect: "error" } as const;
    const response = await options.fetch(target.url, init);
    status = response.status;
    text = await readText(response, responseBytesMax);
  } catch (error) {
    if (error instanceof BodyTooLargeError) {
      const message = `The Starknet node at ${target.origin} sent more than ${responseBytesMax} bytes.`;
      throw new ChainUnavailableError("bad_response", message, { retryable: false });
    }
    throw unreachable(target.origin, error, signal.aborted ? timeoutMs : undefined);
  }
  if (status >= 200 && status < 300) return text;
  throw new ChainUnavailableError(
    "http_status",
    `The Starknet node at ${target.origin} responded with HTTP ${status}.`,
    { retryable: status === 429 || status >= 500 },
  );
}

function unreachable(origin: string, error: unknown, timeoutMs: number | undefined): ChainUnavailableError {
  if (timeoutMs !== undefined) {
    const message = `The Starknet node at ${origin} did not respond within ${timeoutMs} ms.`;
    return new ChainUnavailableError("timeout", message, { retryable: true });
  }
  return new ChainUnavailableError("network", `The Starknet node at ${origin} could not be reached.`, {
    retryable: true,
    cause: withoutText(error),
  });
}

/** The name and system code of an error, without its text: fetch writes the whole URL, key included, into some. */
function withoutText(error: unknown): Error {
  const inner = error instanceof Error ? (error.cause ?? error) : error;
  const name = inner instanceof Error ? inner.name : typeof inner;
  const code = inner instanceof Error && "code" in inner ? ` ${String(inner.code)}` : "";
  return new Error(`${name}${code}`);
}

function splitUrl(text: string): Target {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol)) {
    throw new TypeError("The Starknet RPC URL must be an http or https URL.");
  }
  const headers: Record<string, string> = { "content-type": "application/json", accept: "application/json" };
  if (url.username !== "" || url.password !== "") {
    const credentials = `${percentDecode(url.username)}:${percentDecode(url.password)}`;
    headers.authorization = `Basic ${Buffer.from(credentials).toString("base64")}`;
    // fetch refuses URLs that carry credentials.
    url.username = "";
    url.password = "";
  }
  return { origin: url.origin, url: url.href, headers };
}

/** A stray percent sign in a password is kept as it is: the error that decoding throws would help nobody. */
function percentDecode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function waitOnTimer(delayMs: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, delayMs));
}
