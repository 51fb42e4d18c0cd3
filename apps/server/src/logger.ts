import { type DestinationStream, type Logger, type LoggerOptions, pino } from "pino";
import type { Environment } from "./env.ts";
import { isErrorLike } from "./error-like.ts";
import type { ErrorRecord, ErrorTracking } from "./error-tracking/open-error-tracking.ts";
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

/** As pino numbers them. */
const errorLevel = 50;
const fatalLevel = 60;

/**
 * Structured logs without secrets. By default they go to standard output, a few lines at once; whatever has not been written yet is
 * when the process exits, also because of an error that nobody has caught.
 *
 * @param mixin what each line says besides, such as the trace that it belongs to
 * @param tracking is told of lines at `error` and above
 */
export function createLogger(
  env: Pick<Environment, "DEBUG" | "ENVIRONMENT">,
  output?: DestinationStream,
  { mixin, tracking }: { mixin?: (() => object) | undefined; tracking?: ErrorTracking | undefined } = {},
): Logger {
  const options: LoggerOptions = {
    level: env.DEBUG ? "debug" : env.ENVIRONMENT === "test" ? "warn" : "info",
    redact: { paths: secretPaths, censor: "[redacted]" },
    serializers: { err: describeError, req: describeRequest },
    ...(mixin && { mixin }),
    ...(tracking && {
      hooks: {
        logMethod(parts, write, level) {
          if (level >= errorLevel) tracking.report(toErrorRecord(parts, level, mixin?.()));
          write.apply(this, parts);
        },
      },
    }),
  };
  return pino(options, output ?? gatherLines());
}

/** What a line says, whose parts are given as to pino: fields and a message, or a message alone. */
function toErrorRecord(parts: readonly unknown[], level: number, context: object | undefined): ErrorRecord {
  const [first, second] = parts;
  const fields = typeof first === "object" && first !== null ? first : {};
  const message = typeof first === "string" ? first : second;
  return {
    level: level >= fatalLevel ? "fatal" : "error",
    message: typeof message === "string" ? message : "",
    fields: { ...context, ...(first instanceof Error ? { err: first } : fields) },
  };
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
