import { type TRPCError, tracked } from "@trpc/server";
import type { OpenSubscription, StreamBatch, Subscription } from "./subscription.ts";

/** A message as whoever follows gets it. */
export interface Tracked<TData> {
  id: string;
  data: TData;
}

/** What is done to everything that passes. */
interface StreamGuards {
  readonly check: (message: object) => unknown;
  readonly fail: (thrown: unknown) => TRPCError;
}

/**
 * A subscription whose errors are tRPC's, as callers in process read it: message by message. Hosts open it themselves.
 *
 * @param signal aborts when nobody reads any more
 */
export function toIterable(
  subscription: Subscription,
  guards: StreamGuards,
  signal: AbortSignal | undefined,
): Subscription & AsyncIterable<Tracked<object>> {
  const open = () => openGuarded(subscription, guards);
  return { open, [Symbol.asyncIterator]: () => readMessages(open, signal) };
}

async function openGuarded(
  subscription: Subscription,
  { check, fail }: StreamGuards,
): Promise<OpenSubscription> {
  const opened = await subscription.open().catch((thrown: unknown) => {
    throw fail(thrown);
  });
  const next = async (): Promise<StreamBatch | undefined> => {
    try {
      const batch = await opened.next();
      for (const { data } of batch?.messages ?? []) check(data);
      return batch;
    } catch (thrown) {
      throw fail(thrown);
    }
  };
  return { next, close: opened.close };
}

async function* readMessages(open: Subscription["open"], signal: AbortSignal | undefined) {
  const opened = await open();
  // At once: it may wait for the next event for long, and keeps its place as long as it waits.
  signal?.addEventListener("abort", opened.close, { once: true });
  if (signal?.aborted) opened.close();
  try {
    for (let batch = await opened.next(); batch !== undefined; batch = await opened.next()) {
      // What tRPC knows by its symbol it also types as an object with these fields, which is what callers in process see.
      for (const { id, data } of batch.messages) yield Object.assign(tracked(id, data), { id, data });
    }
  } finally {
    signal?.removeEventListener("abort", opened.close);
    opened.close();
  }
}
