import { type DestinationStream, type Logger, type LoggerOptions, pino } from "pino";
import type { Environment } from "./env.ts";

/** Headers and fields of inputs that hold secrets. */
const secretNames = [
  "authorization",
  "cookie",
  "password",
  "new_password",
  "current_password",
  "token",
  "access_token",
  "refresh_token",
  "api_key",
  "key",
  "secret",
  "signature",
];

/** They are replaced wherever an object with them is logged. */
const secretPaths = secretNames.flatMap((name) => [name, `*.${name}`, `*.*.${name}`, `*.*.*.${name}`]);

/** Structured logs without secrets, on standard output by default. */
export function createLogger(
  env: Pick<Environment, "DEBUG" | "ENVIRONMENT">,
  output?: DestinationStream,
): Logger {
  const options: LoggerOptions = {
    level: env.DEBUG ? "debug" : env.ENVIRONMENT === "test" ? "warn" : "info",
    redact: { paths: secretPaths, censor: "[redacted]" },
    serializers: { err: describeError, req: describeRequest },
  };
  return output === undefined ? pino(options) : pino(options, output);
}

/** What a log may say about a request. The query is left out: a caller may have put a password there by mistake. */
function describeRequest(request: { method: string; url: string; ip: string }): unknown {
  const [path] = request.url.split("?", 1);
  return { method: request.method, path, ip: request.ip };
}

/**
 * What a log may say about an error: its name, code, message and stack, and the same of its causes. Further properties
 * are left out, because database errors carry the row or the parameters of the statement.
 */
function describeError(error: unknown): unknown {
  if (!(error instanceof Error)) return { message: String(error) };
  const { name, message, stack, cause } = error;
  return {
    type: name,
    ...("code" in error ? { code: error.code } : {}),
    message,
    stack,
    ...(cause === undefined ? {} : { cause: describeError(cause) }),
  };
}
