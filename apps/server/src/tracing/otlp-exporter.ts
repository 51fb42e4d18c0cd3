import type { FinishedSpan } from "./create-tracing.ts";

/** Where spans go, and how. */
export interface ExporterOptions {
  /** Of a collector; `/v1/traces` follows. */
  readonly endpoint: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly serviceName: string;
  readonly fetch: typeof fetch;
  readonly warn: (error: unknown, message: string) => void;
}

/** Takes spans, and sends them a few at once; what is left is sent at the end. */
export interface SpanExporter extends AsyncDisposable {
  readonly record: (span: FinishedSpan) => void;
  readonly flush: () => Promise<void>;
}

/** As the specification of OpenTelemetry's batches has them, by default. */
const spansMax = 2_048;
const spansAtOnce = 512;
const everyMs = 5_000;
const timeoutMs = 10_000;

/**
 * Sends spans to a collector by OTLP over HTTP, as JSON (https://opentelemetry.io/docs/specs/otlp/#otlphttp). While the collector is
 * away, spans are dropped, never waited for; the log says so once.
 */
export function createSpanExporter({
  endpoint,
  headers,
  serviceName,
  fetch,
  warn,
}: ExporterOptions): SpanExporter {
  const url = `${endpoint.replace(/\/+$/, "")}/v1/traces`;
  let waiting: FinishedSpan[] = [];
  let sending: Promise<void> = Promise.resolve();
  let isAway = false;

  const send = async (spans: readonly FinishedSpan[]) => {
    try {
      const response = await fetch(url, {
        method: "POST",
        headers: { ...headers, "content-type": "application/json" },
        body: JSON.stringify(describeSpans(spans, serviceName)),
        signal: AbortSignal.timeout(timeoutMs),
      });
      await response.body?.cancel();
      if (!response.ok) throw new Error(`The collector responds with ${response.status}.`);
      isAway = false;
    } catch (err) {
      if (!isAway) warn(err, "Traces cannot be sent, and are dropped until they can.");
      isAway = true;
    }
  };
  const flush = () => {
    const spans = waiting;
    waiting = [];
    if (spans.length > 0) sending = sending.then(() => send(spans));
    return sending;
  };
  const timer = setInterval(() => void flush(), everyMs);
  timer.unref();
  return {
    record: (span) => {
      if (waiting.length >= spansMax) return;
      waiting.push(span);
      if (waiting.length === spansAtOnce) void flush();
    },
    flush,
    [Symbol.asyncDispose]: async () => {
      clearInterval(timer);
      await flush();
    },
  };
}

const kinds = { internal: 1, server: 2, client: 3, consumer: 5 } as const;

/** `ExportTraceServiceRequest`, as JSON. */
function describeSpans(spans: readonly FinishedSpan[], serviceName: string): unknown {
  return {
    resourceSpans: [
      {
        resource: { attributes: describeAttributes({ "service.name": serviceName }) },
        scopeSpans: [{ scope: { name: "obsqra" }, spans: spans.map(describeSpan) }],
      },
    ],
  };
}

function describeSpan(span: FinishedSpan): unknown {
  return {
    traceId: span.traceId,
    spanId: span.spanId,
    ...(span.parentSpanId !== undefined && { parentSpanId: span.parentSpanId }),
    name: span.name,
    kind: kinds[span.kind],
    startTimeUnixNano: nanoseconds(span.startMs),
    endTimeUnixNano: nanoseconds(span.endMs),
    attributes: describeAttributes(span.attributes),
    status: span.isError ? { code: 2 } : {},
  };
}

function describeAttributes(attributes: FinishedSpan["attributes"]): unknown[] {
  return Object.entries(attributes).map(([key, value]) => ({
    key,
    value: typeof value === "number" ? { intValue: String(value) } : { stringValue: value },
  }));
}

function nanoseconds(milliseconds: number): string {
  return String(BigInt(Math.round(milliseconds * 1_000)) * 1_000n);
}
