import { aborted } from "./aborted.ts";
import { isObsqraError } from "./obsqra-error.ts";
import { pause } from "./pause.ts";
import type { EventStreamProcedure } from "./procedures.ts";
import { readServerEvents } from "./read-server-events.ts";
import type { EventTopic, LiveEvent } from "./router.ts";
import { toObsqraError, unreadable } from "./to-obsqra-error.ts";

/** What is followed. */
export interface FollowInput {
  /** @default everything that the caller may follow */
  readonly topics?: readonly EventTopic[] | undefined;
  /** Id of the last event that the caller has: begins after it. @default begins now, with `stream.opened` */
  readonly after?: string | undefined;
}

/** How something is followed. */
export interface FollowOptions {
  /** Ends it: with `REQUEST_ABORTED`, as a call ends. */
  readonly signal?: AbortSignal | undefined;
}

const retryMsMax = 30_000;
/** Three heartbeats of the service. */
const silenceMs = 45_000;

/**
 * Follows what happens, as it happens. When the connection is lost, the access token expires or the server is replaced, it
 * connects again and goes on after the last event, so that each comes once and in order. Leave the loop with `break` when there is
 * enough.
 *
 * @param procedure `obsqra.events.follow`
 * @throws ObsqraError when it can go on no more: EVENT_ID_INVALID when too much has happened since the last event, TOO_MANY_STREAMS,
 * and what any call is refused with, such as `TOKEN_INVALID` once the session has ended
 *
 * @example
 * ```ts
 * for await (const event of follow(obsqra.events.follow, { topics: ["forecasts"] })) {
 *   if (event.type === "forecasts.published") console.log(event.payload.count);
 * }
 * ```
 */
export async function* follow(
  procedure: EventStreamProcedure,
  input: FollowInput = {},
  { signal }: FollowOptions = {},
): AsyncGenerator<LiveEvent, void, undefined> {
  let { after } = input;
  let retryMs = 1_000;
  let failures = 0;
  while (true) {
    const connection = startConnection(signal);
    try {
      const body = await open(
        procedure,
        { ...input, ...(after === undefined ? {} : { after }) },
        connection.signal,
      );
      for await (const { id, name, data, retry } of readServerEvents(body, connection.hear)) {
        failures = 0;
        retryMs = retry ?? retryMs;
        after = id ?? after;
        // What a stream ends with, connecting again tells as well, or it is over by then.
        if (name === "serialized-error") break;
        // The service sends nothing else under this name.
        if (name === "message" && data !== undefined) yield JSON.parse(data) as LiveEvent;
      }
    } catch (error) {
      if (!connection.signal.aborted && !goesAway(error)) throw toObsqraError(error);
      failures += 1;
      retryMs = Math.max(retryMs, secondsToWait(error) * 1_000);
    } finally {
      // Whoever leaves the loop leaves the stream.
      connection.close();
    }
    if (signal?.aborted === true) throw aborted(signal.reason);
    await pause(Math.min(retryMsMax, retryMs * 2 ** Math.max(0, failures - 1)), signal);
  }
}

interface Connection {
  readonly signal: AbortSignal;
  /** Notes that something has come. */
  readonly hear: () => void;
  readonly close: () => void;
}

/** A connection on which nothing comes for too long is given up: nobody else would notice that it is lost. */
function startConnection(signal: AbortSignal | undefined): Connection {
  const controller = new AbortController();
  const abort = () => controller.abort();
  let timer = setTimeout(abort, silenceMs);
  if (signal?.aborted === true) abort();
  signal?.addEventListener("abort", abort);
  return {
    signal: controller.signal,
    hear: () => {
      clearTimeout(timer);
      timer = setTimeout(abort, silenceMs);
    },
    close: () => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", abort);
      abort();
    },
  };
}

function open(
  procedure: EventStreamProcedure,
  input: FollowInput,
  signal: AbortSignal,
): Promise<ReadableStream<Uint8Array>> {
  return new Promise((resolve, reject) => {
    procedure.subscribe(input, {
      signal,
      // React Native's responses have no body to read as it comes: undefined, where others have null.
      onData: (response) => (response.body ? resolve(response.body) : reject(unreadable(response))),
      onError: reject,
    });
  });
}

function goesAway(error: unknown): boolean {
  if (!isObsqraError(error)) return error instanceof TypeError;
  const { code, status = 0 } = error;
  return code === "CONNECTION_FAILED" || code === "RATE_LIMITED" || status >= 500;
}

function secondsToWait(error: unknown): number {
  return isObsqraError(error) ? (error.retry_after ?? 0) : 0;
}
