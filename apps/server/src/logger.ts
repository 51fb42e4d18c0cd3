import { type DestinationStream, type Logger, type LoggerOptions, pino } from "pino";
import type { Environment } from "./env.ts";
import { gatherLines } from "./log-output.ts";

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
  "challenge",
  "otpauth_uri",
  "qr_code_svg",
  "recovery_codes",
  "device_token",
  "signature",
];

/** They are replaced wherever an object with them is logged. */
const secretPaths = secretNames.flatMap((name) => [name, `*.${name}`, `*.*.${name}`, `*.*.*.${name}`]);

/**
 * Structured logs without secrets. By default they go to standard output, a few lines at once; whatever has not been written yet is
 * when the process exits, also because of an error that nobody has caught.
 *
 * @param mixin what each line says besides, such as the trace that it belongs to
 */
export function createLogger(
  env: Pick<Environment, "DEBUG" | "ENVIRONMENT">,
  output?: DestinationStream,
  mixin?: () => object,
): Logger {
  const options: LoggerOptions = {
    level: env.DEBUG ? "debug" : env.ENVIRONMENT === "test" ? "warn" : "info",
    redact: { paths: secretPaths, censor: "[redacted]" },
    serializers: { err: describeError, req: describeRequest },
    ...(mixin && { mixin }),
  };
  return pino(options, output ?? gatherLines());
}

/** Waits until everything that was logged so far has been written, or cannot be. */
export async function flushLog(logger: Logger): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  logger.flush(() => resolve());
  return promise;
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
  if (!isErrorLike(error)) return { message: String(error) };
  const { name, code, message, stack, cause } = error;
  return {
    ...(name === undefined ? {} : { type: name }),
    ...(code === undefined ? {} : { code }),
    message,
    stack,
    ...(cause === undefined ? {} : { cause: describeError(cause) }),
  };
}

interface ErrorLike {
  readonly name?: unknown;
  readonly code?: unknown;
  readonly message: string;
  readonly stack?: unknown;
  readonly cause?: unknown;
}

/** Errors, and objects in their place: the queue of jobs tells of its failures in copies that are no instances of Error. */
function isErrorLike(error: unknown): error is ErrorLike {
  return (
    typeof error === "object" && error !== null && "message" in error && typeof error.message === "string"
  );
}
