import { Readable } from "node:stream";
import type { OpenSubscription, StreamBatch, StreamMessage } from "@obsqra/platform";

/** How a stream is written. */
export interface StreamFormat {
  /** Prints the event that ends a stream, as a program of this protocol reads it. */
  readonly printError: (thrown: unknown) => string;
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

async function* printStream(opened: OpenSubscription, { printError, retryMs }: StreamFormat) {
  yield `retry: ${lostRetryMs}\nevent: connected\ndata: {"reconnectAfterInactivityMs":${silenceMs}}\n\n`;
  try {
    for (let batch = await opened.next(); batch !== undefined; batch = await opened.next()) {
      yield printBatch(batch);
    }
    yield `retry: ${retryMs}\n\n`;
  } catch (thrown) {
    yield printError(thrown);
  } finally {
    opened.close();
  }
}

/** Made once for all who get it. */
const printed = new WeakMap<StreamMessage, string>();

function printBatch({ messages, id }: StreamBatch): string {
  // The id moves on although there is nothing to tell, so that going on after it is a short way.
  if (messages.length === 0) return `id: ${id}\nevent: ping\ndata: \n\n`;
  return messages.map(printMessage).join("");
}

function printMessage(message: StreamMessage): string {
  const known = printed.get(message);
  if (known !== undefined) return known;
  const text = `id: ${message.id}\ndata: ${JSON.stringify(message.data)}\n\n`;
  printed.set(message, text);
  return text;
}
