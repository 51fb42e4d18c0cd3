import { randomUUID } from "node:crypto";
import { STATUS_CODES } from "node:http";
import type { Socket } from "node:net";
import { problemMediaType, toProblem } from "@obsqra/contract";
import { AppError } from "@obsqra/platform";
import { afterPendingResponses, hasEarlyResponse } from "./pending-responses.ts";

/** What Node says about a request that it gave up, where that is more than malformed. */
const statusByCode: Readonly<Record<string, number>> = {
  HPE_HEADER_OVERFLOW: 431,
  ERR_HTTP_REQUEST_TIMEOUT: 408,
};

/**
 * Refuses bytes that Node cannot read as an HTTP request: sends a problem on the bare connection, after the responses to
 * the requests before them, and closes it.
 */
export function refuseUnreadableRequest(error: Error & { readonly code?: string }, socket: Socket): void {
  afterPendingResponses(socket, () => refuse(error, socket));
}

function refuse(error: Error & { readonly code?: string }, socket: Socket): void {
  if (error.code !== "ECONNRESET" && socket.writable && !hasEarlyResponse(socket)) {
    const requestId = randomUUID();
    const status = statusByCode[error.code ?? ""] ?? 400;
    const problem = toProblem(new AppError("MALFORMED_REQUEST", undefined), requestId);
    const body = JSON.stringify({ ...problem, status });
    const head = [
      `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
      `content-type: ${problemMediaType}; charset=utf-8`,
      `content-length: ${Buffer.byteLength(body)}`,
      `x-request-id: ${requestId}`,
      "cache-control: no-store",
      "connection: close",
    ];
    socket.write(`${head.join("\r\n")}\r\n\r\n${body}`);
  }
  socket.destroy(error);
}
