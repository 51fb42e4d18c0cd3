import { BodyTooLargeError, readText } from "@obsqra/http";
import { MarketSourceError } from "../errors.ts";

/** What {@link createJsonClient} needs from the outside. */
export interface JsonClientOptions {
  fetch: typeof fetch;
  /** For one attempt, from the request to the last byte of the response. */
  timeoutMs: number;
  /** Further attempts after the first. */
  retries: number;
  /** Uniform in [0, 1); spreads the retries of many clients. */
  random: () => number;
  now: () => Date;
  /** Waits; rejects with the signal's reason when it aborts. */
  sleep: (ms: number, signal?: AbortSignal) => Promise<void>;
}

/** How much of a response is read, and until when. */
interface GetLimits {
  /** Counted after decompression. */
  readonly bytesMax: number;
  readonly signal?: AbortSignal | undefined;
}

/** Gets JSON over HTTP. */
export interface JsonClient {
  /**
   * @throws MarketSourceError `UNREACHABLE` when no attempt brought a response (network, timeout, 429, 5xx),
   * `BAD_RESPONSE` for any other status, a redirect included, for text that is not JSON, and for more bytes than there may be.
   */
  get(url: string, limits: GetLimits): Promise<unknown>;
}

const backoffFirstMs = 500;
const backoffMaxMs = 30_000;

/**
 * A client that retries what may pass (network errors, timeouts, 429, 5xx) with exponential backoff and jitter.
 * `Retry-After` is respected, up to 30 seconds.
 */
export function createJsonClient(options: JsonClientOptions): JsonClient {
  return {
    async get(url, limits) {
      const { signal } = limits;
      for (let attempt = 0; ; attempt += 1) {
        const outcome = await tryOnce(url, options, limits);
        if (outcome.kind === "response") {
          return outcome.json;
        }
        if (attempt >= options.retries) {
          throw new MarketSourceError(
            "UNREACHABLE",
            `${hostOf(url)} did not respond after ${attempt + 1} attempts (${outcome.problem}). Check the network, or use another market source.`,
            { cause: outcome.cause },
          );
        }
        await options.sleep(delayMs(attempt, outcome.retryAfter, options), signal);
        signal?.throwIfAborted();
      }
    },
  };
}

type Outcome =
  | { kind: "response"; json: unknown }
  | { kind: "retry"; problem: string; retryAfter: string | null; cause: unknown };

async function tryOnce(
  url: string,
  { fetch, timeoutMs }: JsonClientOptions,
  { signal, bytesMax }: GetLimits,
): Promise<Outcome> {
  signal?.throwIfAborted();
  const timeout = AbortSignal.timeout(timeoutMs);
  let response: Response;
  let text: string;
  try {
    response = await fetch(url, {
      headers: { accept: "application/json" },
      // Followed, it would lead to a host that nobody configured.
      redirect: "manual",
      signal: signal === undefined ? timeout : AbortSignal.any([signal, timeout]),
    });
    text = await readText(response, bytesMax);
  } catch (cause) {
    signal?.throwIfAborted();
    if (cause instanceof BodyTooLargeError) {
      throw new MarketSourceError("BAD_RESPONSE", `${hostOf(url)} sent more than ${bytesMax} bytes.`, {
        cause,
      });
    }
    const problem = timeout.aborted ? `no response within ${timeoutMs} ms` : "network error";
    return { kind: "retry", problem, retryAfter: null, cause };
  }
  if (response.status === 429 || response.status >= 500) {
    const retryAfter = response.headers.get("retry-after");
    return { kind: "retry", problem: `status ${response.status}`, retryAfter, cause: undefined };
  }
  if (!response.ok) {
    throw new MarketSourceError("BAD_RESPONSE", `${hostOf(url)} responded with status ${response.status}.`);
  }
  try {
    return { kind: "response", json: JSON.parse(text) };
  } catch (cause) {
    throw new MarketSourceError("BAD_RESPONSE", `${hostOf(url)} sent a body that is not JSON.`, {
      cause,
    });
  }
}

/** Half of the doubled step is fixed, half is random. */
function delayMs(attempt: number, retryAfter: string | null, { random, now }: JsonClientOptions): number {
  const asked = retryAfterMs(retryAfter, now);
  if (asked !== undefined) {
    return Math.min(asked, backoffMaxMs);
  }
  const step = Math.min(backoffFirstMs * 2 ** attempt, backoffMaxMs);
  return Math.round(step * (0.5 + random() / 2));
}

/** `Retry-After` is a number of seconds or an HTTP date. */
function retryAfterMs(header: string | null, now: () => Date): number | undefined {
  if (header === null) {
    return undefined;
  }
  if (/^\d+$/.test(header.trim())) {
    return Number(header) * 1000;
  }
  const moment = Date.parse(header);
  return Number.isNaN(moment) ? undefined : Math.max(0, moment - now().getTime());
}

/** The host only: paths and queries may carry keys. */
function hostOf(url: string): string {
  return URL.parse(url)?.host ?? "The market data service";
}
