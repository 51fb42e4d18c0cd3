import { readJsonText } from "@obsqra/openapi";
import { AppError } from "@obsqra/platform";
import { z } from "zod";
import { assertBatchSize } from "../trpc/register-trpc.ts";

/** What `wsLink` sends first where it has said so in the URL. */
const paramsOfConnection = z.object({
  method: z.literal("connectionParams"),
  data: z.record(z.string(), z.string().optional()).nullish(),
});

const ids = {
  id: z.union([z.string(), z.number()]),
  jsonrpc: z.literal("2.0").optional(),
};

const callOfClient = z.object({
  ...ids,
  method: z.enum(["query", "mutation", "subscription"]),
  params: z.object({ path: z.string(), input: z.unknown().optional(), lastEventId: z.string().optional() }),
});

const messageOfClient = z.discriminatedUnion("method", [
  z.object({ ...ids, method: z.literal("subscription.stop") }),
  callOfClient,
]);

/** A call, as `wsLink` sends it. */
export type CallOfClient = z.output<typeof callOfClient>;
/** What `wsLink` sends, but for heartbeats and who is asking. */
export type MessageOfClient = z.output<typeof messageOfClient>;

/** Said once for all calls of a connection. */
export type ConnectionParams = Readonly<Record<string, string | undefined>>;

/**
 * Reads who is asking, and for whom. Names are those of headers, in any case: one that was passed over would mean a call for somebody else.
 *
 * @throws AppError as of every body, or VALIDATION_FAILED
 */
export function readConnectionParams(text: string): ConnectionParams {
  const { data } = parse(paramsOfConnection, readJsonText(text));
  return Object.fromEntries(Object.entries(data ?? {}).map(([name, value]) => [name.toLowerCase(), value]));
}

/**
 * Reads a message, or several that came as one, under the same rules as bodies.
 *
 * @throws AppError as of every body, or VALIDATION_FAILED; one for all calls of a batch that is too large
 */
export function readMessages(text: string): readonly MessageOfClient[] {
  const read = readJsonText(text);
  if (Array.isArray(read)) assertBatchSize(read);
  return (Array.isArray(read) ? read : [read]).map((message) => parse(messageOfClient, message));
}

function parse<TMessage>(schema: z.ZodType<TMessage>, message: unknown): TMessage {
  const { success, data, error } = schema.safeParse(message);
  if (success) return data;
  const [issue] = error.issues;
  const path = issue?.path.join(".") ?? "";
  const text = "send a message of tRPC: an id, a method, and params with a path";
  throw new AppError("VALIDATION_FAILED", { issues: [{ path, message: text }] });
}
