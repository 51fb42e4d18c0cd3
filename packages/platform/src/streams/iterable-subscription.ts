import { type TRPCError, tracked } from "@trpc/server";
import type { OpenSubscription, StreamBatch, StreamCarrier, Subscription } from "./subscription.ts";

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

/** Who reads a subscription message by message. */
interface StreamReader {
  /** Aborts when nobody reads any more. */
  readonly signal: AbortSignal | undefined;
  readonly carrier: StreamCarrier | undefined;
}

/** A subscription whose errors are tRPC's, as tRPC reads it: message by message. Hosts of ours open it themselves. */
export function toIterable(
  subscription: Subscription,
  guards: StreamGuards,
  reader: StreamReader,
): Subscription & AsyncIterable<Tracked<object>> {
  const open = () => openGuarded(subscription, guards);
  return { open, [Symbol.asyncIterator]: () => readMessages(open, reader) };
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

async function* readMessages(open: Subscription["open"], { signal, carrier }: StreamReader) {
  const opened = await open();
  // At once: it may wait for the next event for long, and keeps its place as long as it waits.
  signal?.addEventListener("abort", opened.close, { once: true });
  if (signal?.aborted) opened.close();
  try {
    for (let batch = await opened.next(); batch !== undefined; batch = await opened.next()) {
      yield* holdBack(batch, carrier);
      await carrier?.drained();
    }
  } finally {
    signal?.removeEventListener("abort", opened.close);
    opened.close();
  }
  if (carrier === undefined || signal === undefined || signal.aborted) return;
  carrier.handOver();
  // Its end would tell the reader that there is nothing to go on with.
  await aborted(signal);
}

/** A write for each message would cost more than all the rest. */
function* holdBack({ messages }: StreamBatch, carrier: StreamCarrier | undefined) {
  using _held = carrier?.holdBack();
  // What tRPC knows by its symbol it also types as an object with these fields, which is what callers in process see.
  for (const { id, data } of messages) yield Object.assign(tracked(id, data), { id, data });
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", () => resolve(), { once: true });
  });
}
