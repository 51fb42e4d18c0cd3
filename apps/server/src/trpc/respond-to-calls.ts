import { callProcedure } from "@obsqra/openapi";
import { printedResponse, type ResponseFacts } from "@obsqra/platform";
import { type AnyTRPCRouter, getTRPCErrorFromUnknown, getTRPCErrorShape, type TRPCError } from "@trpc/server";
import { getHTTPStatusCode } from "@trpc/server/http";
import type { TRPCResponse } from "@trpc/server/rpc";
import type { FastifyReply } from "fastify";
import type { PlainCall, PlainCalls } from "./read-calls.ts";

/** What a response is made with. */
interface Respond {
  readonly router: AnyTRPCRouter;
  /** Of all calls. */
  readonly ctx: object;
  readonly facts: ResponseFacts;
  readonly reply: FastifyReply;
  /** The headers that depend on how the calls went; asked for once they are over. */
  readonly headers: (error: TRPCError | undefined) => Readonly<Record<string, string>>;
}

/** Calls the procedures and sends what became of them, as tRPC's own handler would, but whole: with its length, in one write. */
export async function respondToCalls(
  { isBatch, calls }: PlainCalls,
  options: Respond,
): Promise<FastifyReply> {
  const { facts, reply, headers } = options;
  const outcomes = await Promise.all(
    calls.map(async (call) => {
      const outcome = await callOne(call, options);
      // Before the others are over: they may be many, and wait for their turns.
      if (isBatch) facts.noteBytes?.(Buffer.byteLength(outcome.text));
      return outcome;
    }),
  );
  const texts = outcomes.map(({ text }) => text);
  const responses = outcomes.map(({ response }) => response);
  const errors = outcomes.map(({ error }) => error);
  return (
    reply
      .code(getHTTPStatusCode(responses, errors))
      .headers({
        "content-type": "application/json",
        ...headers(errors.find((error) => error !== undefined)),
      })
      .header("vary", vary(reply))
      // Fastify's own would add a character set to the type of the content.
      .serializer(asItIs)
      .send(isBatch ? `[${texts.join(",")}]` : texts[0])
  );
}

interface Outcome {
  readonly response: TRPCResponse;
  /** The response as it is sent. */
  readonly text: string;
  readonly error: TRPCError | undefined;
}

async function callOne(call: PlainCall, options: Respond): Promise<Outcome> {
  const { response, error } = await outcomeOf(call, options);
  return { response, text: print(response), error };
}

/** What is shared was printed before. */
function print(response: TRPCResponse): string {
  const printed = "result" in response && printedResponse(response.result.data);
  return printed ? `{"result":{"data":${printed}}}` : JSON.stringify(response);
}

async function outcomeOf(
  { procedure, path, input }: PlainCall,
  { router, ctx }: Respond,
): Promise<Omit<Outcome, "text">> {
  try {
    const data = await callProcedure(procedure, { path, ctx, input });
    return { response: { result: { data } }, error: undefined };
  } catch (thrown) {
    const error = getTRPCErrorFromUnknown(thrown);
    const { type } = procedure._def;
    const shape = getTRPCErrorShape({ config: router._def._config, error, type, path, input, ctx });
    return { response: { error: shape }, error };
  }
}

/** CORS may have put a name there. */
function vary(reply: FastifyReply): string {
  const others = reply.getHeader("vary");
  return others === undefined ? "trpc-accept, accept" : `${String(others)}, trpc-accept, accept`;
}

function asItIs(body: unknown): string {
  return String(body);
}
