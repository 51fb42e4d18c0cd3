import type { RequestFacts } from "@obsqra/platform";
import type { FastifyRequest } from "fastify";
import { normaliseIpAddress } from "./ip-address.ts";

/** Enough for any browser; longer ones are cut. */
const userAgentLengthMax = 512;

/** What the host tells the API about a request. Cookies are not among it: what a browser adds by itself never counts. */
export function readRequestFacts(request: FastifyRequest): RequestFacts {
  return {
    id: request.id,
    access_token: readBearerToken(request.headers.authorization),
    ip: readIp(request),
    user_agent: readUserAgent(request.headers["user-agent"]),
    idempotency_key: readIdempotencyKey(request),
    owner: readOwner(request),
  };
}

/** Where a request comes from: what a trusted proxy says, if that is an address, else the other end of the connection. */
function readIp({ ip, socket }: FastifyRequest): string | undefined {
  return normaliseIpAddress(ip) ?? normaliseIpAddress(socket.remoteAddress ?? "");
}

/** How the device describes itself. It is kept and shown, so it has no line breaks and no halves of a character. */
function readUserAgent(header: string | undefined): string | undefined {
  const text = header?.replaceAll(/[\p{Cc}\p{Cs}]+/gu, " ").trim() ?? "";
  return text === "" ? undefined : [...text].slice(0, userAgentLengthMax).join("");
}

/** An empty one is a mistake, not the same as none. Of several, Node has made one text, with spaces. */
function readIdempotencyKey({ headers }: FastifyRequest): string | undefined {
  return headers["idempotency-key"]?.toString();
}

/** Whose data the calls are about. An empty one is a mistake, not the same as none. */
function readOwner({ headers }: FastifyRequest): string | undefined {
  return headers["obsqra-owner"]?.toString();
}

/** The token of an `Authorization` header, or of what says the same where there are no headers. */
export function readBearerToken(header: string | undefined): string | undefined {
  return header === undefined ? undefined : /^Bearer +(\S+)$/i.exec(header)?.[1];
}
