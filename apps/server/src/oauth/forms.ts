import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";

/** What forms of OAuth come as. */
export const form = "application/x-www-form-urlencoded";

/** A form, or what a client says of itself. */
export const bodyLimitBytes = 16_384;

/** Takes bodies of one type, and leaves reading them to whoever knows how OAuth refuses them. */
export function readAsText(scope: FastifyInstance, type: string): void {
  const asText = async (_request: unknown, body: string | Buffer) => body;
  scope.addContentTypeParser(type, { parseAs: "string", bodyLimit: bodyLimitBytes }, asText);
}

/** What comes after the question mark, as it is. */
export function queryOf({ url }: FastifyRequest): string {
  const [, query = ""] = url.split(/\?(.*)/s);
  return query;
}

/** What `readAsText` has read. */
export function bodyOf({ body }: FastifyRequest): string {
  return typeof body === "string" ? body : "";
}

/** A key or a code stays in no cache. */
export function answer(reply: FastifyReply, body: object): FastifyReply {
  return reply.header("cache-control", "no-store").send(body);
}

/** Sends a browser on. */
export function redirect(reply: FastifyReply, to: string): FastifyReply {
  return reply.header("cache-control", "no-store").redirect(to, 302);
}
