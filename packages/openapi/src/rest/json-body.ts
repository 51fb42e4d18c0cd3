import { AppError } from "@obsqra/platform";
import type { FastifyInstance, FastifyRequest } from "fastify";

/** The largest body that is read, as the PAYLOAD_TOO_LARGE message says. */
export const bodyLimitBytes = 64 * 1024;

/**
 * Makes JSON the only content type of this Fastify scope. An empty body means no input, with or without a content
 * type, which Fastify's own parser refuses.
 */
export function acceptJsonOnly(scope: FastifyInstance): void {
  scope.removeAllContentTypeParsers();
  const options = { parseAs: "string", bodyLimit: bodyLimitBytes } as const;
  scope.addContentTypeParser("application/json", options, async (_request: FastifyRequest, text: string) =>
    text.trim() === "" ? undefined : parseJson(text),
  );
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text, refusePrototype);
  } catch (cause) {
    if (cause instanceof AppError) throw cause;
    // Anything but a SyntaxError is JSON that is nested too deep to be read.
    const code = cause instanceof SyntaxError ? "MALFORMED_JSON" : "MALFORMED_REQUEST";
    throw new AppError(code, undefined, { cause });
  }
}

/** A `__proto__` key has no honest use, and merging such an object would change its prototype. */
function refusePrototype(key: string, value: unknown): unknown {
  if (key === "__proto__") throw new AppError("MALFORMED_REQUEST", undefined);
  return value;
}
