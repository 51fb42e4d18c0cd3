import type { FastifyInstance, FastifyRequest } from "fastify";
import { readJsonBytes } from "../json/read-json.ts";
import { readContentHeaders } from "./content-headers.ts";

/** The largest body that is read, as the PAYLOAD_TOO_LARGE message says. */
export const bodyLimitBytes = 64 * 1024;

/**
 * Makes JSON the only content of this Fastify scope. A body without a byte means no input, whatever content type a client
 * puts on it by itself; Fastify's own parsers refuse that.
 */
export function acceptJsonOnly(scope: FastifyInstance): void {
  scope.removeAllContentTypeParsers();
  scope.addHook("preParsing", readContentHeaders);
  const options = { parseAs: "buffer", bodyLimit: bodyLimitBytes } as const;
  scope.addContentTypeParser("application/json", options, async (_request: FastifyRequest, bytes: Buffer) =>
    readJsonBytes(bytes),
  );
}
