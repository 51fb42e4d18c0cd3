import { promisify } from "node:util";
import { gunzip } from "node:zlib";
import { type ApiContext, type Artefact, getArtefact, getLogFile, isArtefactName } from "@obsqra/features";
import { callHeaders, isKnownTag } from "@obsqra/openapi";
import { countAddress, createResponseFacts, networkOf, type ResponseFacts } from "@obsqra/platform";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { keepNewest } from "./keep-newest.ts";

/** What each file costs, in points; a large one costs more, by its bytes. */
const weight = 1;

/** As many bytes of artefacts are kept in memory, so that many who verify the same forecasts do not read each from the database. */
const keptBytesMax = 32 * 1024 * 1024;

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
  const bytesOf = ({ content }: Artefact) => content.byteLength;
  const readArtefact = keepNewest(keptBytesMax, bytesOf, (sha256) => getArtefact(api, sha256));
  /** For those who do not take gzip. */
  const readPlain = keepNewest(keptBytesMax, bytesOf, async (sha256) => {
    const artefact = await readArtefact(sha256);
    return artefact && { ...artefact, content: await decompress(artefact.content), isCompressed: false };
  });
  await app.register(async (scope) => {
    scope.addHook("onRequest", async (request, reply) => {
      const facts = createResponseFacts();
      const context = createContext(request, facts);
      await context.callTurns.begin(networkOf(context.request.ip, 4));
      await countAddress(context, { path: request.routeOptions.url ?? "", weight }).finally(() => {
        // Not returned: a reply is a promise of having been sent.
        allowAnyPage(reply).headers(callHeaders(facts));
      });
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
      const { sha256 } = request.params;
      if (!isArtefactName(sha256)) return reply.callNotFound();
      const tag = `"${sha256}"`;
      const headers = { "cache-control": cacheControl.immutable, etag: `W/${tag}` };
      // Whoever names the hash has the file: there is no other with it.
      const known = request.headers["if-none-match"];
      if (known?.includes(tag) && isKnownTag(known, tag)) {
        return allowAnyPage(reply).headers(headers).code(304).send();
      }
      const stored = await readArtefact(sha256);
      if (stored === undefined) return reply.callNotFound();
      if (stored.isCompressed) reply.header("vary", "accept-encoding");
      const isPlain = stored.isCompressed && !acceptsGzip(request);
      const { content, isCompressed, type } = (isPlain ? await readPlain(sha256) : stored) ?? stored;
      if (isCompressed) reply.header("content-encoding", "gzip");
      return allowAnyPage(reply).headers(headers).type(type).send(asBuffer(content));
    });
  });
}

const decompress = promisify<Uint8Array, Buffer>(gunzip);

/** The same bytes, not copied. */
function asBuffer({ buffer, byteOffset, byteLength }: Uint8Array): Buffer {
  return Buffer.from(buffer, byteOffset, byteLength);
}

function allowAnyPage(reply: FastifyReply): FastifyReply {
  return reply
    .header("access-control-allow-origin", "*")
    .header("access-control-expose-headers", "ratelimit, ratelimit-policy, retry-after, x-request-id")
    .header("cross-origin-resource-policy", "cross-origin");
}

function acceptsGzip({ headers }: FastifyRequest): boolean {
  return /\bgzip\b(?!\s*;\s*q=0(?:\.0*)?\s*(?:,|$))/.test(String(headers["accept-encoding"] ?? ""));
}
