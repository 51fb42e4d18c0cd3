import type { OpenedSubscription } from "@obsqra/graphql";
import { sendStream } from "@obsqra/openapi";
import type { OpenSubscription } from "@obsqra/platform";
import type { FastifyReply } from "fastify";
import { toErrorResponse, toResponse } from "./to-response.ts";

/** They know events of these two names only; a line that begins with a colon says nothing. */
const format = { opening: "\n", event: "next", ping: () => ":\n\n", end: "event: complete\ndata:\n\n" };

/** Sends what a subscription gives as server-sent events, as graphql-sse's clients read them: `next` with each result, and `complete`. */
export function sendEvents(
  reply: FastifyReply,
  { source, toResult }: OpenedSubscription<OpenSubscription>,
): FastifyReply {
  const { request } = reply;
  const next = async () => {
    const batch = await source.next();
    if (batch === undefined) return undefined;
    const messages = batch.messages.map(async ({ id, data }) => {
      return { id, data: toResponse(await toResult(data), request).body };
    });
    return { ...batch, messages: await Promise.all(messages) };
  };
  return sendStream(reply, { next, close: source.close }, { ...format, printError });

  function printError(thrown: unknown): string {
    return `event: next\ndata: ${JSON.stringify(toErrorResponse(thrown, request).body)}\n\n${format.end}`;
  }
}
