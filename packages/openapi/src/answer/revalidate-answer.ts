import type { FastifyReply, FastifyRequest } from "fastify";
import { revalidated } from "./cache-headers.ts";
import { entityTag, isKnownTag } from "./entity-tag.ts";

/**
 * Hook `onSend`: names the body of a successful answer that may be kept with a strong `ETag`, and answers 304 without
 * the body when the caller has it already. The answer was made by then, so whoever has no access has got an error.
 */
export async function revalidateAnswer(
  request: FastifyRequest,
  reply: FastifyReply,
  payload: unknown,
): Promise<unknown> {
  const body = payload instanceof Response ? await takeOver(payload, reply) : payload;
  if (reply.getHeader("cache-control") !== revalidated) return body;
  // Neither an error nor what is still being made can be kept.
  if (reply.statusCode !== 200 || typeof body !== "string") {
    reply.header("cache-control", "no-store");
    return body;
  }
  const tag = entityTag(body);
  reply.header("etag", tag);
  // Who has signed in as somebody else since has to get an answer of their own.
  vary(reply, "authorization");
  if (!isKnownTag(request.headers["if-none-match"], tag)) return body;
  reply.code(304).removeHeader("content-type");
  // To HEAD, Fastify sends the length of the body, which is that of the answer 200, and leaves the body out.
  return request.method === "HEAD" ? body : null;
}

/** tRPC answers with a `Response`; this is what Fastify does with one after the hooks, and its body. */
async function takeOver(response: Response, reply: FastifyReply): Promise<unknown> {
  const { headers } = response;
  // A batch that is streamed has no end yet.
  if (headers.has("transfer-encoding")) headers.set("cache-control", "no-store");
  if (headers.get("cache-control") !== revalidated) return response;
  reply.code(response.status);
  for (const [name, value] of headers) {
    if (name === "vary") vary(reply, value);
    else reply.header(name, value);
  }
  return response.text();
}

/** Adds names to `Vary`; CORS may have put some there. */
function vary(reply: FastifyReply, names: string): void {
  const before = reply.getHeader("vary");
  reply.header("vary", before === undefined ? names : `${String(before)}, ${names}`);
}
