import { Agent, get } from "node:http";

/** Streams that are opened at a server, each by a user with an address of their own. */
export interface SubscribeTask {
  readonly url: string;
  readonly streams: readonly { readonly authorization: string; readonly address: string }[];
}

/** What the streams have brought since the last report. */
export interface SubscriberReport {
  readonly open: number;
  readonly events: number;
  /** From the moment that an event has in itself to the one in which it was here, in milliseconds, of every tenth stream. */
  readonly latencies: readonly number[];
}

/** Streams that are opened at the same time. */
const openingAtOnce = 20;
/** Whose events are looked at one by one: the others are only counted, so that clients are not what is measured. */
const lookedAt = 10;

let events = 0;
let open = 0;
let latencies: number[] = [];

process.on("message", (message: SubscribeTask | "report") => {
  if (message === "report") {
    process.send?.({ open, events, latencies } satisfies SubscriberReport);
    [events, latencies] = [0, []];
  } else {
    void subscribe(message).then(() => process.send?.("opened"));
  }
});

async function subscribe({ url, streams }: SubscribeTask): Promise<void> {
  const agent = new Agent({ maxSockets: Number.POSITIVE_INFINITY });
  const waiting = [...streams.entries()];
  const openNext = async () => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const [index, { authorization, address }] = next;
      const headers = { authorization, "x-forwarded-for": address };
      await openStream(`${url}/api/v1/events`, { agent, headers, isLookedAt: index % lookedAt === 0 });
    }
  };
  await Promise.all(Array.from({ length: openingAtOnce }, openNext));
}

interface OpenStream {
  readonly agent: Agent;
  readonly headers: Readonly<Record<string, string>>;
  readonly isLookedAt: boolean;
}

function openStream(url: string, { agent, headers, isLookedAt }: OpenStream): Promise<void> {
  return new Promise((resolve, reject) => {
    const request = get(url, { agent, headers }, (response) => {
      if (response.statusCode !== 200) {
        reject(new Error(`A stream is refused with ${response.statusCode}.`));
        return;
      }
      open += 1;
      response.once("close", () => {
        open -= 1;
      });
      response.on("data", isLookedAt ? createLook() : count);
      resolve();
    });
    request.on("error", () => {});
  });
}

const marker = Buffer.from("\nid: ");

/** Every event but the first of a chunk follows a line break; each chunk of the server's begins with one. */
function count(chunk: Buffer): void {
  events += 1;
  for (let at = chunk.indexOf(marker); at !== -1; at = chunk.indexOf(marker, at + 1)) events += 1;
}

function createLook(): (chunk: Buffer) => void {
  let text = "";
  return (chunk) => {
    const now = Date.now();
    text += chunk.toString();
    for (let end = text.indexOf("\n\n"); end !== -1; end = text.indexOf("\n\n")) {
      const [, moment] = /"type":"protocol.*"occurred_at":"([^"]+)"/.exec(text.slice(0, end)) ?? [];
      text = text.slice(end + 2);
      if (moment === undefined) continue;
      events += 1;
      latencies.push(now - Date.parse(moment));
    }
  };
}
