import type { OpenSubscription, Subscription } from "@obsqra/platform";
import type { FastifyReply, FastifyRequest } from "fastify";
import { callProcedure, type ProcedureCall } from "../procedures.ts";
import { createStreamBody, type StreamFormat, streamHeaders } from "./stream-body.ts";

type AnyProcedure = Parameters<typeof callProcedure>[0];

/** The call of a subscription, and where to go on if its reader has been told so by something else than its input. */
type SubscriptionCall = ProcedureCall & { readonly lastEventId: unknown };

/** Calls the procedure of a subscription and opens what it gives. */
export async function openSubscription(
  procedure: AnyProcedure,
  { lastEventId, ...call }: SubscriptionCall,
): Promise<OpenSubscription> {
  // As `createProcedures` makes them. What comes besides the input is checked as a part of it.
  const subscription = (await callProcedure(procedure, {
    ...call,
    input: withLastEventId(call.input, lastEventId),
  })) as Subscription;
  return subscription.open();
}

/** The same for a request. */
export function openStream(
  procedure: AnyProcedure,
  { request, path, ctx, input }: ProcedureCall & { readonly request: FastifyRequest },
): Promise<OpenSubscription> {
  return openSubscription(procedure, { path, ctx, input, lastEventId: readLastEventId(request) });
}

/** More than have a reason to wait for the end of one response, so that a real leak is still told. */
const closeListenersMax = 16;

/** Sends a stream as long as its reader is there. */
export function sendStream(
  reply: FastifyReply,
  opened: OpenSubscription,
  format: Omit<StreamFormat, "retryMs">,
): FastifyReply {
  const body = createStreamBody(opened, { ...format, retryMs: spreadRetry(reply.request.id) });
  // Closed first: the body waits for what the stream waits for.
  const end = () => {
    opened.close();
    body.destroy();
  };
  // Eleven wait for the end of this response: logs, limits, Fastify and the stream itself. Node warns of a leak from eleven on.
  reply.raw.setMaxListeners(closeListenersMax);
  // Whoever has gone while the stream was opened tells nothing any more.
  if (reply.raw.destroyed || reply.request.socket.destroyed) end();
  else reply.raw.once("close", end);
  return reply.code(200).headers(streamHeaders).send(body);
}

/** An EventSource sends the header when it connects again; tRPC's link sends the parameter, too. */
function readLastEventId({ headers, query }: FastifyRequest): unknown {
  return headers["last-event-id"] ?? (query as { readonly lastEventId?: unknown }).lastEventId;
}

function withLastEventId(input: unknown, lastEventId: unknown): unknown {
  if (lastEventId === undefined) return input;
  if (input === undefined) return { lastEventId };
  // What is no object stays as it is, so that validation reports it.
  return typeof input === "object" && input !== null && !Array.isArray(input)
    ? { ...input, lastEventId }
    : input;
}

/** From 1 to 5 seconds. */
function spreadRetry(requestId: string): number {
  return 1_000 + Math.floor(spreadById(requestId) * 4_000);
}

/** From 0 to 1, by the random end of a request's id: all readers of a server that stops would come back at once otherwise. */
export function spreadById(requestId: string): number {
  const [random = "0"] = /[0-9a-f]{3}$/.exec(requestId) ?? [];
  return Number.parseInt(random, 16) / 0xfff;
}
