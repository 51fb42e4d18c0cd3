import type { IncomingHttpHeaders, IncomingMessage } from "node:http";
import { AppError } from "@obsqra/platform";
import { parse } from "content-type";
import type { FastifyReply, FastifyRequest, RequestPayload } from "fastify";

/** The headers that speak about a body (RFC 9110, 8). */
const contentHeaders = ["content-type", "content-encoding", "content-length", "transfer-encoding"];

/**
 * Before a body is read: if there is none, forgets what the headers say about it; otherwise makes sure that it is neither
 * compressed nor in another encoding of characters, which would be read as something else than was sent. Takes a callback,
 * because nearly always there is nothing to wait for.
 *
 * @throws AppError UNSUPPORTED_CONTENT_ENCODING, UNSUPPORTED_MEDIA_TYPE, MALFORMED_REQUEST; handed to `done`
 */
export function readContentHeaders(
  { raw }: FastifyRequest,
  _reply: FastifyReply,
  payload: RequestPayload,
  done: (error: AppError | null, payload?: RequestPayload) => void,
): void {
  const { headers } = raw;
  const goOn = (isEmpty: boolean) => {
    if (isEmpty) forgetContent(headers);
    done(isEmpty ? null : refusalOf(headers), payload);
  };
  if (headers["transfer-encoding"] === undefined) {
    const length = headers["content-length"];
    goOn(length === undefined || Number(length) === 0);
  } else {
    // Only the first chunk tells whether there are any.
    waitForBytes(raw).then(goOn, done);
  }
}

/** In the object that tRPC's adapter reads, too. */
function forgetContent(headers: IncomingHttpHeaders): void {
  for (const name of contentHeaders) if (name in headers) delete headers[name];
}

/** Why a body cannot be read as it is meant. */
function refusalOf(headers: IncomingHttpHeaders): AppError | null {
  const {
    "content-encoding": encoding = "",
    "transfer-encoding": transfer = "",
    "content-type": type = "",
  } = headers;
  // Node undoes `chunked`, which is the last one, and no other.
  if (!isUncoded(encoding) || !isUncoded(transfer.replace(/\bchunked\s*$/i, ""))) {
    return new AppError("UNSUPPORTED_CONTENT_ENCODING", undefined);
  }
  return isUtf8(type) ? null : new AppError("UNSUPPORTED_MEDIA_TYPE", undefined);
}

function isUncoded(codings: string): boolean {
  return /^(\s*(identity\s*)?(,|$))*$/i.test(codings);
}

/** JSON has no such parameter (RFC 8259, 11), but whoever sends it means it. Of two, nobody knows which. */
function isUtf8(contentType: string): boolean {
  if (!contentType.includes(";")) return true;
  const { charset = "utf-8" } = parse(contentType).parameters;
  const names = contentType.replaceAll(/"(?:[^"\\]|\\.)*"/g, "").match(/;\s*charset\s*=/gi) ?? [];
  return names.length < 2 && /^utf-?8$/i.test(charset);
}

/**
 * Waits until a byte has come, or the end.
 *
 * @returns whether there is none
 * @throws AppError MALFORMED_REQUEST when the sender is gone before the end: what they wanted to send is not known
 */
async function waitForBytes(request: IncomingMessage): Promise<boolean> {
  if (request.readableLength > 0) return false;
  const { promise, resolve } = Promise.withResolvers<void>();
  const events = ["readable", "end", "error", "close"];
  for (const event of events) request.once(event, resolve);
  await promise;
  for (const event of events) request.off(event, resolve);
  if (request.readableLength > 0) return false;
  if (!request.complete) throw new AppError("MALFORMED_REQUEST", undefined);
  return true;
}
