import { type ApiContext, getLogFile } from "@obsqra/features";
import { countAddress, createResponseFacts, type ResponseFacts } from "@obsqra/platform";
import type { FastifyInstance, FastifyRequest } from "fastify";

/** What each file costs, in points; a large one costs more, by its bytes. */
const weight = 1;

/** A tile never changes. A checkpoint is old after a minute at most, and new ones have to be seen soon. */
const cacheControl = {
  immutable: "public, max-age=31536000, immutable",
  current: "public, max-age=5",
} as const;

/**
 * Serves the transparency log to everybody, as C2SP tlog-tiles has it: `/log/checkpoint`, `/log/tile/…`, and its keys at `/log/keys`. Any
 * page may read them. Each request is counted against the limit of its address like a call.
 */
export async function registerLogFiles(
  app: FastifyInstance,
  api: Parameters<typeof getLogFile>[0],
  createContext: (request: FastifyRequest, response: ResponseFacts) => ApiContext,
): Promise<void> {
  await app.register(async (scope) => {
    scope.addHook("onRequest", async (request) => {
      const context = createContext(request, createResponseFacts());
      await context.callTurns.begin(context.request.ip ?? "");
      await countAddress(context, { path: request.routeOptions.url ?? "", weight });
    });
    scope.get<{ Params: { "*": string } }>("/log/*", async (request, reply) => {
      const file = await getLogFile(api, request.params["*"]);
      if (file === undefined) return reply.callNotFound();
      return reply
        .header("access-control-allow-origin", "*")
        .header("cross-origin-resource-policy", "cross-origin")
        .header("cache-control", file.isImmutable ? cacheControl.immutable : cacheControl.current)
        .type(file.type)
        .send(typeof file.content === "string" ? file.content : Buffer.from(file.content));
    });
  });
}
