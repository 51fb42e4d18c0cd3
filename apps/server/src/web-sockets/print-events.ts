import type { StreamMessage } from "@obsqra/platform";
import type { CallOfClient } from "./client-messages.ts";
import { frameTexts } from "./text-frames.ts";

/** What comes after the ids, of messages by their events: made once for all who get them. */
const printed = new WeakMap<StreamMessage, Buffer>();

/**
 * Prints the events of a subscription as tRPC's link reads them, framed. Only the id of the subscription is its reader's own: the rest
 * is printed once, and copied once for each reader.
 */
export function createEventPrinter(call: CallOfClient): (messages: readonly StreamMessage[]) => Buffer {
  const head = Buffer.from(`${printIds(call)},`);
  return (messages) => frameTexts(head, messages.map(printResult));
}

/** The beginning of every message about a call. */
export function printIds({ id, jsonrpc }: CallOfClient): string {
  // What is undefined is left out, and at least the id is there.
  return JSON.stringify({ id, jsonrpc }).slice(0, -1);
}

function printResult(message: StreamMessage): Buffer {
  const known = printed.get(message);
  if (known !== undefined) return known;
  const { id, data } = message;
  const result = Buffer.from(`"result":${JSON.stringify({ type: "data", data: { id, data }, id })}}`);
  printed.set(message, result);
  return result;
}
