import { setTimeout as wait } from "node:timers/promises";
import { type AppRouter, createClient, type Fetch, follow, type LiveEvent } from "@obsqra/client";
import { createTRPCClient, createWSClient, wsLink } from "@trpc/client";
import { EventSource } from "eventsource";
import { startBreakingLine } from "./breaking-line.ts";
import type { User } from "./people.ts";

/** Somebody who follows what happens, from the beginning to the end. */
export interface Subscriber {
  readonly email: string;
  readonly way: "EventSource" | "the client" | "WebSocket";
  /** What it was told, in the order in which that came, also what came more than once; first that the stream was opened. */
  readonly told: readonly LiveEvent[];
  /** How often it has connected. */
  readonly connections: () => number;
}

/** All who follow. */
export interface Subscribers extends AsyncDisposable {
  readonly all: readonly Subscriber[];
  /** Waits until every one of a user has been told of one of these subjects. */
  untilSeen(subjects: readonly string[]): Promise<void>;
  stop(): Promise<void>;
}

/** What a way of following gets. */
interface Following {
  readonly url: string;
  readonly user: User;
  readonly signal: AbortSignal;
  readonly take: (event: LiveEvent) => void;
  readonly noteConnection: () => void;
  readonly noteError: (error: unknown) => void;
}

const ways = {
  EventSource: followByEventSource,
  "the client": followByClient,
  WebSocket: followByWebSocket,
} as const satisfies Readonly<Record<Subscriber["way"], (following: Following) => Promise<void>>>;

const retryMs = 1_000;
/** Whoever was told to connect later waits for five seconds, and for a server that starts on a busy machine. */
const seenTimeoutMs = 120_000;

/**
 * Has every user follow in each way, on a line that breaks now and then, and waits until all have begun.
 *
 * @param urls the servers that listen just now
 */
export async function startSubscribers(
  urls: () => readonly string[],
  users: readonly User[],
): Promise<Subscribers> {
  await using stack = new AsyncDisposableStack();
  const line = stack.use(await startBreakingLine(urls));
  const stopping = new AbortController();
  const errors = new Map<Subscriber, unknown>();
  const following: Promise<void>[] = [];
  const all = users.flatMap((user) =>
    (Object.keys(ways) as Subscriber["way"][]).map((way): Subscriber => {
      const told: LiveEvent[] = [];
      let connections = 0;
      const subscriber = { email: user.email, way, told, connections: () => connections };
      const work = ways[way]({
        url: line.url,
        user,
        signal: stopping.signal,
        take: (event) => void told.push(event),
        noteConnection: () => {
          connections += 1;
        },
        noteError: (error) => void errors.set(subscriber, error),
      });
      following.push(work);
      return subscriber;
    }),
  );

  async function untilAll(isDone: (subscriber: Subscriber) => boolean): Promise<void> {
    const deadline = performance.now() + seenTimeoutMs;
    while (!all.every(isDone)) {
      if (performance.now() > deadline) {
        const late = all.filter((subscriber) => !isDone(subscriber));
        const names = late.map((one) => `${one.email} by ${one.way} (${String(errors.get(one))})`);
        throw new Error(`Not told in time: ${names.join(", ")}.`);
      }
      await wait(50);
    }
  }

  const stop = async () => {
    stopping.abort();
    await Promise.all(following);
  };
  stack.defer(stop);
  await untilAll(({ told }) => told.length > 0);
  const kept = stack.move();
  return {
    all,
    untilSeen: (subjects) =>
      untilAll(({ told }) => told.some((event) => "subject" in event && subjects.includes(event.subject))),
    stop,
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  };
}

/** As a program does that has an API key and a standard EventSource, which goes on by itself after what breaks off. */
async function followByEventSource(following: Following): Promise<void> {
  const { url, user, signal, take, noteConnection, noteError } = following;
  const asUser: typeof fetch = (input, init) =>
    fetch(input, { ...init, headers: { ...Object(init?.headers), authorization: `Bearer ${user.key}` } });
  let last = "";
  while (!signal.aborted) {
    const query = last === "" ? "" : `?after=${last}`;
    const source = new EventSource(`${url}/api/v1/events${query}`, { fetch: asUser });
    source.onopen = noteConnection;
    source.onmessage = ({ data, lastEventId }) => {
      last = lastEventId;
      take(JSON.parse(data) as LiveEvent);
    };
    await new Promise<void>((resolve) => {
      signal.addEventListener("abort", () => resolve(), { once: true });
      source.onerror = ({ message }) => {
        noteError(message);
        // It gives up where it is refused, as by a server that is about to stop.
        if (source.readyState === EventSource.CLOSED) resolve();
      };
    });
    source.close();
    await pause(signal);
  }
}

/** As a page does that has signed in, whose tokens run out while it follows. */
async function followByClient(following: Following): Promise<void> {
  const { url, user, signal, take, noteConnection, noteError } = following;
  const counting: Fetch = async (input, init) => {
    const response = await fetch(input, init);
    if (response.ok && input.includes("events.follow")) noteConnection();
    return response;
  };
  let isSignedIn = false;
  const onSignedOut = () => {
    isSignedIn = false;
  };
  const client = createClient({ url, fetch: counting, onSignedOut });
  const { email, password } = user;
  let last: string | undefined;
  while (!signal.aborted) {
    try {
      if (!isSignedIn) await client.auth.login.mutate({ email, password });
      isSignedIn = true;
      const input = last === undefined ? {} : { after: last };
      for await (const event of follow(client.events.follow, input, { signal })) {
        last = event.id;
        take(event);
      }
    } catch (error) {
      noteError(error);
      await pause(signal);
    }
  }
}

/** As a program does that has an API key and tRPC's own link. */
async function followByWebSocket(following: Following): Promise<void> {
  const { url, user, signal, take, noteConnection, noteError } = following;
  const wsClient = createWSClient({
    url: `${url}/trpc`,
    connectionParams: { authorization: `Bearer ${user.key}` },
    onOpen: noteConnection,
  });
  const client = createTRPCClient<AppRouter>({ links: [wsLink({ client: wsClient })] });
  let last: string | undefined;
  while (!signal.aborted) {
    await new Promise<void>((resolve) => {
      const subscription = client.events.follow.subscribe(last === undefined ? {} : { after: last }, {
        signal,
        onData: ({ id, data }) => {
          last = id;
          take(data);
        },
        onError: (error) => {
          noteError(error);
          resolve();
        },
        onComplete: resolve,
      });
      signal.addEventListener("abort", () => {
        subscription.unsubscribe();
        resolve();
      });
    });
    await pause(signal);
  }
  await wsClient.close();
}

/** Waits before the next try, unless it is over. */
async function pause(signal: AbortSignal): Promise<void> {
  await wait(retryMs, undefined, { signal }).catch(() => {});
}
