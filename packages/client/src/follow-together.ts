import { aborted } from "./aborted.ts";
import { type FollowInput, type FollowOptions, follow } from "./follow.ts";
import type { EventStreamProcedure } from "./procedures.ts";
import type { LiveEvent } from "./router.ts";

/** How tabs follow together. */
export interface TogetherOptions extends FollowOptions {
  /** Tabs with the same name share a stream: those of the same user, with the same topics. */
  readonly name: string;
}

/** What tabs tell each other. */
type TabMessage =
  | { readonly event: LiveEvent }
  /** Somebody has come, and wants to know where the stream is. */
  | { readonly asks: true }
  | { readonly at: string };

/** The part of Web Locks that is used; not every browser has them. */
interface Locks {
  request(
    name: string,
    options: { readonly signal: AbortSignal },
    work: () => Promise<void>,
  ): Promise<unknown>;
}

/**
 * The same as `follow`, with one stream for all tabs of an origin: over HTTP/1.1 a browser has six connections to a server, and a
 * stream keeps one. One tab reads and tells the others; when it is closed, another goes on after the last event that it was told. Where
 * there are no Web Locks, each tab has a stream of its own.
 *
 * @param procedure `obsqra.events.follow`
 * @throws ObsqraError as `follow` does, in the tab that reads, and then in the next one
 *
 * @example
 * ```ts
 * const name = `events of ${user.id}`;
 * for await (const event of followTogether(obsqra.events.follow, {}, { name })) console.log(event.type);
 * ```
 */
export async function* followTogether(
  procedure: EventStreamProcedure,
  { topics }: Pick<FollowInput, "topics">,
  { name, signal }: TogetherOptions,
): AsyncGenerator<LiveEvent, void, undefined> {
  const input = topics === undefined ? {} : { topics };
  const { locks } = (globalThis.navigator ?? {}) as { readonly locks?: Locks };
  if (locks === undefined) return yield* follow(procedure, input, { signal });
  const channel = new BroadcastChannel(name);
  const inbox = createInbox();
  const stop = new AbortController();
  const abort = () => inbox.fail(aborted(signal?.reason));
  if (signal?.aborted === true) abort();
  signal?.addEventListener("abort", abort);
  let lastId: string | undefined;
  let isReading = false;

  channel.onmessage = ({ data }: { readonly data: TabMessage }) => {
    if ("event" in data) take(data.event);
    else if ("at" in data) open(data.at);
    else if (isReading && lastId !== undefined) tell({ at: lastId });
  };
  tell({ asks: true });
  locks
    .request(name, { signal: stop.signal }, read)
    // Refused where a document may store nothing, as in a sandboxed frame, which then reads for itself.
    .catch((error: Error) => (isReading || stop.signal.aborted ? Promise.reject(error) : read()))
    .catch((error: Error) => inbox.fail(error));
  try {
    while (true) yield await inbox.next();
  } finally {
    signal?.removeEventListener("abort", abort);
    stop.abort();
    channel.close();
  }

  /** Reads for all, as long as this tab holds the lock. */
  async function read(): Promise<void> {
    isReading = true;
    const from = lastId === undefined ? input : { ...input, after: lastId };
    for await (const event of follow(procedure, from, { signal: stop.signal })) {
      tell({ event });
      take(event);
    }
  }

  function tell(message: TabMessage): void {
    // Closed when this tab has left and its stream is about to.
    if (!stop.signal.aborted) channel.postMessage(message);
  }

  /** The one who reads goes on after what it was told, which others may have been told already. */
  function take(event: LiveEvent): void {
    if (lastId === undefined && event.type !== "stream.opened") open(event.id);
    else if (lastId !== undefined && !isLater(event.id, lastId)) return;
    lastId = event.id;
    inbox.put(event);
  }

  /** Tells a tab that has come later what the first one was told by the service. */
  function open(id: string): void {
    if (lastId !== undefined) return;
    lastId = id;
    inbox.put({ type: "stream.opened", id, occurred_at: new Date().toISOString() });
  }
}

/** Ids are two whole numbers, which may not fit into a double. */
function isLater(id: string, than: string): boolean {
  const [[a = 0n, b = 0n], [c = 0n, d = 0n]] = [id, than].map((text) => text.split("-").map(BigInt)) as [
    bigint[],
    bigint[],
  ];
  return a > c || (a === c && b > d);
}

interface Inbox {
  put(event: LiveEvent): void;
  fail(error: Error): void;
  next(): Promise<LiveEvent>;
}

function createInbox(): Inbox {
  const events: LiveEvent[] = [];
  let error: Error | undefined;
  let wake = () => {};
  return {
    put: (event) => {
      events.push(event);
      wake();
    },
    fail: (reason) => {
      error ??= reason;
      wake();
    },
    next: async () => {
      while (true) {
        const event = events.shift();
        if (event !== undefined) return event;
        if (error !== undefined) throw error;
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    },
  };
}
