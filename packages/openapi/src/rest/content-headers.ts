import type { IncomingHttpHeaders } from "node:http";
import type { Readable } from "node:stream";
import { AppError } from "@obsqra/platform";
import { parse } from "content-type";
import type { FastifyReply, FastifyRequest, RequestPayload } from "fastify";

/** The headers that speak about a body (RFC 9110, 8). */
const contentHeaders = ["content-type", "content-encoding", "content-length", "transfer-encoding"];

/**
 * Before a body is read: if there is none, forgets what the headers say about it; otherwise makes sure that it is neither
 * compressed nor in another encoding of characters, which would be read as something else than was sent.
 *
 * @throws AppError UNSUPPORTED_CONTENT_ENCODING, UNSUPPORTED_MEDIA_TYPE
 */
export async function readContentHeaders(
  { headers, raw }: FastifyRequest,
  _reply: FastifyReply,
  payload: RequestPayload,
): Promise<RequestPayload> {
  if (await isEmpty(raw.headers, payload)) {
    // tRPC's adapter reads the same object.
    for (const name of contentHeaders) delete raw.headers[name];
    return payload;
  }
  if (!/^(\s*(identity\s*)?(,|$))*$/i.test(headers["content-encoding"] ?? "")) {
    throw new AppError("UNSUPPORTED_CONTENT_ENCODING", undefined);
  }
  const charset = charsetOf(headers["content-type"] ?? "");
  if (charset !== undefined && !/^utf-?8$/i.test(charset))
    throw new AppError("UNSUPPORTED_MEDIA_TYPE", undefined);
  return payload;
}

/** JSON has no such parameter (RFC 8259, 11), but whoever sends it means it. */
function charsetOf(contentType: string): string | undefined {
  return contentType.includes(";") ? parse(contentType).parameters.charset : undefined;
}

/** Whether no byte of a body comes. Of a chunked one only its first chunk tells. */
async function isEmpty(headers: IncomingHttpHeaders, payload: Readable): Promise<boolean> {
  const { "content-length": length, "transfer-encoding": encoding } = headers;
  if (encoding === undefined) return length === undefined || Number(length) === 0;
  if (payload.readableLength > 0) return false;
  const { promise, resolve } = Promise.withResolvers<void>();
  const events = ["readable", "end", "error", "close"];
  for (const event of events) payload.once(event, resolve);
  await promise;
  for (const event of events) payload.off(event, resolve);
  return payload.readableLength === 0;
}
