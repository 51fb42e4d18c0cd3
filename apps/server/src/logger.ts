import { type Logger, pino } from "pino";
import type { Environment } from "./env.ts";

/** Headers and fields that hold secrets; they are replaced wherever an object with them is logged. */
const secretPaths = [
  "authorization",
  "cookie",
  "password",
  "refresh_token",
  "access_token",
  "token",
  "signature",
].flatMap((name) => [name, `*.${name}`, `*.*.${name}`, `*.*.*.${name}`]);

/** Structured logs on standard output, without secrets. */
export function createLogger(env: Pick<Environment, "DEBUG" | "ENVIRONMENT">): Logger {
  return pino({
    level: env.DEBUG ? "debug" : env.ENVIRONMENT === "test" ? "warn" : "info",
    redact: { paths: secretPaths, censor: "[redacted]" },
  });
}
