import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { setTimeout as wait } from "node:timers/promises";
import { Webhook } from "standardwebhooks";

/**
 * How a receiver is: `lost answer` takes messages and breaks off before it says so, `slow` takes them and says so a second later;
 * the others take none until they are `up`.
 */
export type ReceiverMood = "up" | "slow" | "lost answer" | "failing" | "hanging" | "refusing";

/** A message that was taken, each time that it came. */
export interface TakenMessage {
  /** The path, which tells the webhook. */
  readonly path: string;
  /** Its `webhook-id`. */
  readonly id: string;
  /** Of the event; `<transaction>-<sequence>`. */
  readonly eventId: string;
  readonly type: string;
  readonly subject: string;
}

/** A real HTTP receiver of webhooks. */
export interface WebhookReceiver extends AsyncDisposable {
  readonly url: string;
  /** In the order in which they came, repeated ones too. */
  readonly taken: readonly TakenMessage[];
  /** Requests that were not taken, on purpose. */
  readonly failed: () => number;
  /** How many requests there were. */
  readonly asked: () => number;
  /** Waits for one more. */
  readonly untilAskedSince: (asked: number) => Promise<void>;
  /** What was wrong with messages: signatures, times. */
  readonly wrong: readonly string[];
  /** Tells it the secret of a webhook. */
  know(path: string, secret: string): void;
  /** From now on. @param moment to which the senders' clocks are moved */
  become(mood: ReceiverMood, moment: Date): void;
}

const toleranceMs = 10 * 60 * 1_000;
/** A sender that was killed keeps its place for half a minute. */
const askedTimeoutMs = 120_000;

export async function startReceiver(): Promise<WebhookReceiver> {
  const secrets = new Map<string, string>();
  const taken: TakenMessage[] = [];
  const wrong: string[] = [];
  let failed = 0;
  let asked = 0;
  let mood: ReceiverMood = "up";
  /** What was sent just before the clocks were moved arrives afterwards. */
  let moments: readonly Date[] = [];

  async function receive(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await text(request);
    const now = mood;
    asked += 1;
    if (now === "failing" || now === "hanging" || now === "refusing") {
      failed += 1;
      if (now === "failing") response.writeHead(500).end("Not today.");
      if (now === "refusing") request.socket.destroy();
      return;
    }
    const path = request.url ?? "";
    const problem = findProblem({ path, headers: request.headers, body });
    if (problem !== undefined) wrong.push(problem);
    const { id: eventId, type, subject } = JSON.parse(body) as Record<"id" | "type" | "subject", string>;
    taken.push({ path, id: String(request.headers["webhook-id"]), eventId, type, subject });
    if (now === "lost answer") return void request.socket.destroy();
    if (now === "slow") await wait(1_000);
    response.end("Thanks.");
  }

  function findProblem({
    path,
    headers,
    body,
  }: Pick<IncomingMessage, "headers"> & { readonly path: string; readonly body: string }):
    | string
    | undefined {
    const id = String(headers["webhook-id"]);
    const sentAt = new Date(Number(headers["webhook-timestamp"]) * 1_000);
    const secret = secrets.get(path);
    if (secret === undefined) return `Nobody has a webhook at ${path}.`;
    const signature = new Webhook(secret).sign(id, sentAt, body);
    if (headers["webhook-signature"] !== signature) return `${id} is signed with another secret.`;
    const isNow = moments.some((at) => Math.abs(at.getTime() - sentAt.getTime()) <= toleranceMs);
    return isNow ? undefined : `${id} says that it was sent at ${sentAt.toISOString()}.`;
  }

  const server = createServer((request, response) => {
    // Whoever sends may be killed while it does.
    receive(request, response).catch(() => request.socket.destroy());
  });
  server.listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    taken,
    wrong,
    failed: () => failed,
    asked: () => asked,
    untilAskedSince: async (before) => {
      const deadline = performance.now() + askedTimeoutMs;
      while (asked <= before) {
        if (performance.now() > deadline) throw new Error("Nothing was sent to the receiver.");
        await wait(50);
      }
    },
    know: (path, secret) => void secrets.set(path, secret),
    become: (next, moment) => {
      mood = next;
      moments = [...moments.slice(-1), moment];
    },
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
