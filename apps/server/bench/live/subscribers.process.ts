import type { LiveEvent } from "@obsqra/client";
import { openServerSentEvents } from "./server-sent-events.ts";
import { openWebSocket } from "./web-socket-streams.ts";

/** How streams are read. */
export type Way = "server-sent events" | "WebSockets";

/** Who reads: a user, from an address of their own. */
export interface Reader {
  readonly authorization: string;
  readonly address: string;
}

/** Streams that are opened at a server. */
export interface SubscribeTask {
  readonly url: string;
  readonly way: Way;
  /** Each has a connection, with one stream or more. */
  readonly readers: readonly (Reader & { readonly streams: number })[];
}

/** What the streams have brought since the last report. */
export interface SubscriberReport {
  readonly open: number;
  readonly events: number;
  /** From the moment that an event has in itself to the one in which it was here, in milliseconds, of every tenth stream. */
  readonly latencies: readonly number[];
}

/** A connection that is read. */
export interface OpenStreams {
  readonly url: string;
  readonly reader: SubscribeTask["readers"][number];
  /** Hears of what has come on a stream whose events are looked at one by one; undefined where they are only counted. */
  readonly look: ((event: LiveEvent) => void) | undefined;
  readonly count: (events: number) => void;
  readonly noteOpen: () => void;
  readonly noteClosed: () => void;
}

/** Connections that are opened at the same time. */
const openingAtOnce = 20;
/** Whose events are looked at one by one: the others are only counted, so that clients are not what is measured. */
const lookedAt = 10;

let events = 0;
let open = 0;
let latencies: number[] = [];

// The benchmark is gone, whatever has ended it.
process.once("disconnect", () => process.exit());
process.on("message", (message: SubscribeTask | "report") => {
  if (message === "report") {
    process.send?.({ open, events, latencies } satisfies SubscriberReport);
    [events, latencies] = [0, []];
  } else {
    void subscribe(message).then(() => process.send?.("opened"));
  }
});

async function subscribe({ url, way, readers }: SubscribeTask): Promise<void> {
  const waiting = [...readers.entries()];
  const openStreams = way === "WebSockets" ? openWebSocket : openServerSentEvents;
  const openNext = async () => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const [index, reader] = next;
      await openStreams({
        url,
        reader,
        look: index % lookedAt === 0 ? look : undefined,
        count: (more) => {
          events += more;
        },
        noteOpen: () => {
          open += 1;
        },
        noteClosed: () => {
          open -= 1;
        },
      });
    }
  };
  await Promise.all(Array.from({ length: openingAtOnce }, openNext));
}

function look({ type, occurred_at }: LiveEvent): void {
  if (type !== "protocol.status_set") return;
  events += 1;
  latencies.push(Date.now() - Date.parse(occurred_at));
}
