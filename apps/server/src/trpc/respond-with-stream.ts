import { openStream, type ProcedureCall, sendStream } from "@obsqra/openapi";
import {
  type AnyTRPCProcedure,
  type AnyTRPCRouter,
  getTRPCErrorFromUnknown,
  getTRPCErrorShape,
  type TRPCError,
} from "@trpc/server";
import { getHTTPStatusCode } from "@trpc/server/http";
import type { FastifyReply, FastifyRequest } from "fastify";

interface RespondWithStream extends ProcedureCall {
  readonly procedure: AnyTRPCProcedure;
  readonly router: AnyTRPCRouter;
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
  readonly headers: (error: TRPCError | undefined) => Readonly<Record<string, string>>;
}

/**
 * Opens a subscription and sends what it gives as tRPC's `httpSubscriptionLink` reads it. tRPC's own handler would read ahead of a
 * slow reader, make a chain of four streams for each, and print every event once for each.
 */
export async function respondWithStream(options: RespondWithStream): Promise<FastifyReply> {
  const { procedure, router, reply, headers, path, ctx, input } = options;
  const shapeOf = (error: TRPCError) =>
    getTRPCErrorShape({ config: router._def._config, error, type: "subscription", path, input, ctx });
  try {
    const opened = await openStream(procedure, options);
    const printError = (thrown: unknown) => {
      const shape = shapeOf(getTRPCErrorFromUnknown(thrown));
      return `event: serialized-error\ndata: ${JSON.stringify(shape)}\n\n`;
    };
    return sendStream(reply.headers(headers(undefined)), opened, { printError });
  } catch (thrown) {
    const error = getTRPCErrorFromUnknown(thrown);
    const response = { error: shapeOf(error) };
    return reply
      .code(getHTTPStatusCode([response], [error]))
      .headers({ "content-type": "application/json", ...headers(error) })
      .serializer(asItIs)
      .send(JSON.stringify(response));
  }
}

function asItIs(body: unknown): string {
  return String(body);
}
