import { promisify } from "node:util";
import { gunzip } from "node:zlib";
import { type ApiContext, getArtefact, getLogFile } from "@obsqra/features";
import { countAddress, createResponseFacts, type ResponseFacts } from "@obsqra/platform";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";

/** What each file costs, in points; a large one costs more, by its bytes. */
const weight = 1;

/** A tile or an artefact never changes. A checkpoint is old after a minute at most, and new ones have to be seen soon. */
const cacheControl = {
  immutable: "public, max-age=31536000, immutable",
  current: "public, max-age=5",
} as const;

/**
 * Serves what forecasts are verified with to everybody: the transparency log as C2SP tlog-tiles has it, `/log/checkpoint`, `/log/tile/…`,
 * with its keys at `/log/keys`, and the files that forecasts were made from by their hashes, `/artefacts/<sha256>`. Any page may read them.
 * Each request is counted against the limit of its address like a call.
 */
export async function registerPublicFiles(
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
      return allowAnyPage(reply)
        .header("cache-control", file.isImmutable ? cacheControl.immutable : cacheControl.current)
        .type(file.type)
        .send(typeof file.content === "string" ? file.content : Buffer.from(file.content));
    });
    scope.get<{ Params: { sha256: string } }>("/artefacts/:sha256", async (request, reply) => {
      const artefact = await getArtefact(api, request.params.sha256);
      if (artefact === undefined) return reply.callNotFound();
      allowAnyPage(reply).header("cache-control", cacheControl.immutable).type(artefact.type);
      if (!artefact.isCompressed) return reply.send(Buffer.from(artefact.content));
      reply.header("vary", "accept-encoding");
      if (!acceptsGzip(request)) return reply.send(await decompress(artefact.content));
      return reply.header("content-encoding", "gzip").send(Buffer.from(artefact.content));
    });
  });
}

const decompress = promisify<Uint8Array, Buffer>(gunzip);

function allowAnyPage(reply: FastifyReply): FastifyReply {
  return reply
    .header("access-control-allow-origin", "*")
    .header("cross-origin-resource-policy", "cross-origin");
}

function acceptsGzip({ headers }: FastifyRequest): boolean {
  return /\bgzip\b(?!\s*;\s*q=0(?:\.0*)?\s*(?:,|$))/.test(String(headers["accept-encoding"] ?? ""));
}
