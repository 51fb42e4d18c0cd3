import { setTimeout } from "node:timers/promises";
import type { NewWebhook } from "@obsqra/contract";
import { waitForEvents } from "@obsqra/db/testing";
import { deliverWebhooks, type WebhookDeliveryDependencies } from "../webhooks/deliver-webhooks.service.ts";
import type { TestApi } from "./create-test-api.ts";

type Post = WebhookDeliveryDependencies["post"];
type Request = Parameters<Post>[0];
type Outcome = Awaited<ReturnType<Post>>;

/** Stands for the receivers of webhooks: keeps what it was sent, and responds as a test says. */
export interface TestReceiver {
  readonly requests: Request[];
  readonly post: Post;
  /** The `webhook-id` of each request, in order. */
  ids(): string[];
  /** What the bodies say, in order. */
  messages(): { type: string; subject: string; id: string }[];
}

/** @param respond by default with 200 */
export function createReceiver(
  respond: (request: Request) => Outcome | Promise<Outcome> = () => taken,
): TestReceiver {
  const requests: Request[] = [];
  return {
    requests,
    post: async (request) => {
      requests.push(request);
      return respond(request);
    },
    ids: () => requests.map(({ headers }) => headers["webhook-id"] ?? ""),
    messages: () => requests.map(({ body }) => JSON.parse(body)),
  };
}

export const taken: Outcome = { status: 200, body: Buffer.from("thanks") };
export const refused: Outcome = { status: 500, body: Buffer.from("not now") };

/** Sends whatever is to be sent now. */
export async function deliver(
  { deps }: Pick<TestApi, "deps">,
  { post }: Pick<TestReceiver, "post">,
  limits?: Parameters<typeof deliverWebhooks>[2],
): Promise<void> {
  await waitForEvents(deps.db);
  const pause = (milliseconds: number) => setTimeout(Math.min(milliseconds, 20));
  await deliverWebhooks({ ...deps, pause, post }, new AbortController().signal, limits);
}

type Caller = Awaited<ReturnType<TestApi["signUp"]>>;

/** A webhook of somebody's for their transactions. */
export function listen(caller: Caller, path = "obsqra"): Promise<NewWebhook> {
  return caller.webhooks.create({ url: `https://example.org/${path}`, topics: ["transactions"] });
}

let transactions = 0;

/** Something that webhooks are told of. @returns the subject */
export async function happen(caller: Caller): Promise<string> {
  transactions += 1;
  const tx_hash = `0x5a1d${transactions.toString(16).padStart(8, "0")}`;
  return (await caller.transactions.create({ tx_hash, tx_type: "deposit", amount: "1" })).id;
}
