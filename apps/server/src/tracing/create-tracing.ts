import { AsyncLocalStorage } from "node:async_hooks";
import { randomBytes } from "node:crypto";
import type { StatementListener } from "@obsqra/db";
import type { CallMeter } from "@obsqra/platform";
import { describeCallError } from "../metrics/describe-call-error.ts";
import { formatTraceparent, parseTraceparent, type SpanContext } from "./trace-context.ts";

type SpanKind = "internal" | "server" | "client" | "consumer";
type Attributes = Readonly<Record<string, string | number>>;

/** A span that is over. Times are milliseconds since 1970, with fractions. */
export interface FinishedSpan extends SpanContext {
  readonly parentSpanId: string | undefined;
  readonly name: string;
  readonly kind: SpanKind;
  readonly startMs: number;
  readonly endMs: number;
  readonly attributes: Attributes;
  readonly isError: boolean;
}

/** How a span has ended. */
interface SpanEnd {
  readonly name?: string;
  readonly attributes?: Attributes;
  readonly isError?: boolean;
}

/** A span that is under way. */
export interface OpenSpan {
  readonly context: SpanContext;
  /** Runs something within it. */
  run<TResult>(work: () => TResult): TResult;
  end(how?: SpanEnd): void;
}

/** Follows requests, calls, statements, jobs and what is sent, each as a span of a trace. */
export interface Tracing {
  readonly calls: CallMeter;
  readonly statements: StatementListener;
  readonly runJob: <TResult>(job: string, run: () => Promise<TResult>) => Promise<TResult>;
  /** @param isTrusted whether its sender decides if it is recorded; everybody's trace is gone on with */
  beginRequest(request: {
    readonly traceparent: string | string[] | undefined;
    readonly isTrusted: boolean;
  }): OpenSpan;
  /** Sends something with the header that lets its receiver go on with the trace. */
  send<TResult>(
    what: { readonly name: string; readonly attributes: Attributes },
    send: (headers: { readonly traceparent: string }) => Promise<TResult>,
    describe: (result: TResult) => SpanEnd,
  ): Promise<TResult>;
  /** Of what is going on, for logs. */
  readonly current: () => { readonly trace_id?: string; readonly span_id?: string };
}

/**
 * Traces without values: spans have names, codes and the text of statements with placeholders, nothing that a caller or a row says.
 *
 * @param sampling the share of traces that are recorded, from 0 to 1
 */
export function createTracing({
  sampling,
  record,
}: {
  readonly sampling: number;
  readonly record: (span: FinishedSpan) => void;
}): Tracing {
  const scope = new AsyncLocalStorage<SpanContext>();

  const begin = (kind: SpanKind, name: string, parent = scope.getStore()): OpenSpan => {
    const context = {
      traceId: parent?.traceId ?? randomBytes(16).toString("hex"),
      spanId: randomBytes(8).toString("hex"),
      isSampled: parent?.isSampled ?? Math.random() < sampling,
    };
    const startMs = now();
    return {
      context,
      run: (work) => scope.run(context, work),
      end: ({ name: finalName = name, attributes = {}, isError = false } = {}) => {
        if (!context.isSampled) return;
        const parentSpanId = parent?.spanId;
        record({
          ...context,
          parentSpanId,
          name: finalName,
          kind,
          startMs,
          endMs: now(),
          attributes,
          isError,
        });
      },
    };
  };

  return {
    calls: {
      measure: async (path, call) => {
        const span = begin("internal", path);
        try {
          const result = await span.run(call);
          span.end({ attributes: { "rpc.method": path } });
          return result;
        } catch (error) {
          const { code, isOurs } = describeCallError(error);
          span.end({ attributes: { "rpc.method": path, "error.type": code }, isError: isOurs });
          throw error;
        }
      },
    },
    statements: {
      onConnection: () => {},
      onStatement: (milliseconds, text) => {
        const parent = scope.getStore();
        // Statements of nobody's are those of looking whether there is something to do.
        if (parent?.isSampled !== true) return;
        const endMs = now();
        record({
          traceId: parent.traceId,
          spanId: randomBytes(8).toString("hex"),
          isSampled: true,
          parentSpanId: parent.spanId,
          name: /^\W*(\w+)/.exec(text)?.[1]?.toUpperCase() ?? "SQL",
          kind: "client",
          startMs: endMs - milliseconds,
          endMs,
          attributes: { "db.system.name": "postgresql", "db.query.text": text.slice(0, textMax) },
          isError: false,
        });
      },
    },
    runJob: async (job, run) => {
      const span = begin("consumer", `job ${job}`);
      try {
        const result = await span.run(run);
        span.end();
        return result;
      } catch (error) {
        span.end({ isError: true });
        throw error;
      }
    },
    beginRequest: ({ traceparent, isTrusted }) => {
      const caller = parseTraceparent(traceparent);
      // A stranger cannot have us record more than we would.
      const parent = caller && !isTrusted ? { ...caller, isSampled: Math.random() < sampling } : caller;
      return begin("server", "HTTP", parent);
    },
    send: async ({ name, attributes }, send, describe) => {
      const span = begin("client", name);
      try {
        const result = await span.run(() => send({ traceparent: formatTraceparent(span.context) }));
        const how = describe(result);
        span.end({ ...how, attributes: { ...attributes, ...how.attributes } });
        return result;
      } catch (error) {
        span.end({ attributes, isError: true });
        throw error;
      }
    },
    current: () => {
      const context = scope.getStore();
      return context === undefined ? {} : { trace_id: context.traceId, span_id: context.spanId };
    },
  };
}

/** So many characters of a statement are told. */
const textMax = 2_000;

function now(): number {
  return performance.timeOrigin + performance.now();
}
