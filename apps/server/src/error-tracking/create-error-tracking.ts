import type { Event, Exception, StackParser } from "@sentry/core";
import { createStackParser, createTransport } from "@sentry/core";
import { nodeStackLineParser, ServerRuntimeClient } from "@sentry/core/server";
import manifest from "../../package.json" with { type: "json" };
import { type ErrorLike, isErrorLike } from "../error-like.ts";
import type { ErrorRecord, ErrorTracking } from "./open-error-tracking.ts";
import { scrubText } from "./scrub-text.ts";

/** Where errors go, and as whose. */
export interface ErrorTrackingOptions {
  readonly dsn: string;
  readonly environment: string;
  readonly serviceName: string;
  readonly fetch: typeof fetch;
  readonly now: () => number;
}

/** An outage makes thousands of the same errors; these say enough. */
const eventsPerMinute = 60;
const timeoutMs = 10_000;
/** Names in records of the log that say where it happened, and of nobody. */
const tagNames = ["service", "request_id", "reqId", "procedure", "job", "trace_id"] as const;
const causesMax = 5;

/**
 * Sends what the log says of errors: their types, scrubbed messages and stacks, and those of their causes. No request, header, input, row,
 * address or host name goes with them. Nothing waits for it; while the service is away, or asks for less, errors are dropped.
 */
export function createErrorTracking({
  dsn,
  environment,
  serviceName,
  fetch,
  now,
}: ErrorTrackingOptions): ErrorTracking {
  const stackParser = createStackParser(nodeStackLineParser());
  const client = new ServerRuntimeClient({
    dsn,
    environment,
    release: `obsqra@${manifest.version}`,
    platform: "node",
    integrations: [],
    stackParser,
    transport: (options) =>
      createTransport(options, async ({ body }) => {
        const response = await fetch(options.url, {
          method: "POST",
          headers: options.headers ?? {},
          body: typeof body === "string" ? body : new Uint8Array(body),
          signal: AbortSignal.timeout(timeoutMs),
        });
        await response.body?.cancel();
        return {
          statusCode: response.status,
          headers: {
            "x-sentry-rate-limits": response.headers.get("x-sentry-rate-limits"),
            "retry-after": response.headers.get("retry-after"),
          },
        };
      }),
  });
  client.init();
  let minute = 0;
  let sentInMinute = 0;
  return {
    report: (record) => {
      const current = Math.floor(now() / 60_000);
      if (current !== minute) {
        minute = current;
        sentInMinute = 0;
      }
      sentInMinute += 1;
      if (sentInMinute <= eventsPerMinute) {
        client.captureEvent(describeRecord(record, { serviceName, stackParser }));
      }
    },
    [Symbol.asyncDispose]: async () => {
      await client.close(timeoutMs);
    },
  };
}

function describeRecord(
  { level, message, fields }: ErrorRecord,
  { serviceName, stackParser }: { readonly serviceName: string; readonly stackParser: StackParser },
): Event {
  const exceptions = describeExceptions(fields.err, stackParser);
  const told: Readonly<Record<string, unknown>> = { ...fields, service: serviceName };
  return {
    level,
    ...(exceptions.length === 0
      ? { message: scrubText(message) }
      : { exception: { values: exceptions }, extra: { log: scrubText(message) } }),
    tags: Object.fromEntries(
      tagNames.flatMap((name) => {
        const value = told[name];
        return typeof value === "string" ? [[name, value.slice(0, 200)]] : [];
      }),
    ),
  };
}

/** An error and its causes, as Sentry has them: the innermost first. */
function describeExceptions(thrown: unknown, stackParser: StackParser): Exception[] {
  const exceptions: Exception[] = [];
  let error = thrown;
  while (isErrorLike(error) && exceptions.length < causesMax) {
    const frames = stackParser(withoutMessage(error));
    exceptions.unshift({
      type: typeof error.name === "string" ? error.name : "Error",
      value: scrubText(error.message),
      mechanism: { type: "generic", handled: true },
      ...(frames.length > 0 && { stacktrace: { frames } }),
    });
    error = error.cause;
  }
  return exceptions;
}

/** The stack below the message, whose own lines may look like frames and are not scrubbed there. */
function withoutMessage({ stack, message }: ErrorLike): string {
  if (typeof stack !== "string") return "";
  const begins = stack.indexOf(message);
  return begins === -1 ? stack : stack.slice(begins + message.length);
}
