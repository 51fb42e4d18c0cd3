import { Readable } from "node:stream";
import type { OpenSubscription, StreamBatch, StreamMessage } from "@obsqra/platform";

/** How a stream is written. */
export interface StreamFormat {
  /** Prints the event that ends a stream, as a program of this protocol reads it. */
  readonly printError: (thrown: unknown) => string;
  /** Said at the beginning. @default how long a reader should wait for a word */
  readonly opening?: string;
  /** What each message is called. @default it has no name */
  readonly event?: string;
  /** Said when there is nothing to tell, with the id to go on after. @default an event called ping */
  readonly ping?: (id: string) => string;
  /** Said when the stream ends without an error. @default nothing */
  readonly end?: string;
  /** When a reader should connect again after an end that the server makes, in milliseconds. */
  readonly retryMs: number;
}

/** The headers of every stream. Its connection is its own, so that a server that stops is not kept from it. */
export const streamHeaders = {
  "content-type": "text/event-stream",
  "cache-control": "no-store, no-transform",
  // Proxies such as nginx would keep what comes until it is enough.
  "x-accel-buffering": "no",
  connection: "close",
} as const;

/** When a reader should connect again who has lost the connection. */
const lostRetryMs = 1_000;

/** After so long without a word, something on the way has lost the connection: three heartbeats. */
const silenceMs = 45_000;

/**
 * The body of a stream as server-sent events, as EventSource and tRPC's link read them. It asks for more only once what came before
 * is on its way, and closes the stream in the end. Whoever sends it has to close the stream when the reader is gone.
 */
export function createStreamBody(opened: OpenSubscription, format: StreamFormat): Readable {
  return Readable.from(printStream(opened, format), { objectMode: false, highWaterMark: 16 * 1024 });
}

async function* printStream(opened: OpenSubscription, format: StreamFormat) {
  const { printError, retryMs, opening = usualOpening, end = "" } = format;
  yield `retry: ${lostRetryMs}\n${opening}`;
  try {
    for (let batch = await opened.next(); batch !== undefined; batch = await opened.next()) {
      yield printBatch(batch, format);
    }
    yield `retry: ${retryMs}\n\n${end}`;
  } catch (thrown) {
    yield printError(thrown);
  } finally {
    opened.close();
  }
}

const usualOpening = `event: connected\ndata: {"reconnectAfterInactivityMs":${silenceMs}}\n\n`;

/** The id moves on although there is nothing to tell, so that going on after it is a short way. */
function usualPing(id: string): string {
  return `id: ${id}\nevent: ping\ndata: \n\n`;
}

/** Made once for all who get it. */
const printed = new WeakMap<StreamMessage, string>();

function printBatch({ messages, id }: StreamBatch, { event, ping = usualPing }: StreamFormat): string {
  if (messages.length === 0) return ping(id);
  return messages.map((message) => printMessage(message, event)).join("");
}

function printMessage(message: StreamMessage, event: string | undefined): string {
  const known = printed.get(message);
  if (known !== undefined) return known;
  const name = event === undefined ? "" : `event: ${event}\n`;
  const text = `id: ${message.id}\n${name}data: ${JSON.stringify(message.data)}\n\n`;
  printed.set(message, text);
  return text;
}
