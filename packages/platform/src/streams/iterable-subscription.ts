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

/** A subscription whose errors are tRPC's, as tRPC reads it: message by message. Hosts of ours open it themselves. */
export function toIterable(
  subscription: Subscription,
  guards: StreamGuards,
): Subscription & AsyncIterable<Tracked<object>> {
  const open = () => openGuarded(subscription, guards);
  return { open, [Symbol.asyncIterator]: () => readMessages(open) };
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

async function* readMessages(open: Subscription["open"]) {
  const opened = await open();
  try {
    for (let batch = await opened.next(); batch !== undefined; batch = await opened.next()) {
      // What tRPC knows by its symbol it also types as an object with these fields, which is what callers in process see.
      for (const { id, data } of batch.messages) yield Object.assign(tracked(id, data), { id, data });
    }
  } finally {
    opened.close();
  }
}
