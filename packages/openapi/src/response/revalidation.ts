import { createHash } from "node:crypto";
import type { FastifyReply, FastifyRequest } from "fastify";
import { revalidated } from "./response-headers.ts";

/**
 * Hook `onSend`: gives the body of a successful response that a cache may keep a strong `ETag`, and sends 304 without the
 * body when the caller has it already. The call has been made by then, so whoever has no access has got an error.
 */
export function revalidate(
  request: FastifyRequest,
  reply: FastifyReply,
  payload: unknown,
  done: (error: Error | null, payload?: unknown) => void,
): void {
  if (payload instanceof Response) {
    takeOver(payload, reply).then((body) => done(null, tagged(request, reply, body)), done);
  } else {
    done(null, tagged(request, reply, payload));
  }
}

/** The body that is sent, which is none where the caller has it already. */
function tagged(request: FastifyRequest, reply: FastifyReply, body: unknown): unknown {
  if (reply.getHeader("cache-control") !== revalidated) return body;
  // Neither an error nor a body that is still being made can be kept, nor what was asked for with POST.
  if (reply.statusCode !== 200 || typeof body !== "string" || request.method === "POST") {
    reply.header("cache-control", "no-store");
    return body;
  }
  const tag = entityTag(body);
  reply.header("etag", tag);
  // A caller who has signed in as somebody else must not get the first user's response.
  vary(reply, "authorization");
  if (!isKnownTag(request.headers["if-none-match"], tag)) return body;
  reply.code(304).removeHeader("content-type");
  // To HEAD, Fastify sends the length that the body of a 200 would have, and leaves the body out.
  return request.method === "HEAD" ? body : null;
}

/** A strong entity tag (RFC 9110, 8.8.3): the same bytes have the same tag, on every server. */
export function entityTag(body: string | Uint8Array): string {
  return `"${createHash("sha256").update(body).digest("base64url").slice(0, 22)}"`;
}

/** An opaque tag may contain commas, so a list is not simply split at them. */
const tagInList = /(?:W\/)?("[\x21\x23-\x7e\x80-\xff]*")/g;

/** Whether a caller who sends this `If-None-Match` has the body with this tag already (RFC 9110, 13.1.2). */
export function isKnownTag(ifNoneMatch: string | undefined, tag: string): boolean {
  if (ifNoneMatch === undefined) return false;
  if (ifNoneMatch.trim() === "*") return true;
  // The comparison is the weak one: `W/` in front makes no difference.
  return Array.from(ifNoneMatch.matchAll(tagInList), ([, opaque]) => opaque).includes(tag);
}

/** tRPC returns a `Response`. This does what Fastify does with one after the hooks, and gives its body. */
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
