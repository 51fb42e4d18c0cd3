import type { Environment } from "../env.ts";
import type { Tracing } from "./create-tracing.ts";

type TracingSettings = Pick<
  Environment,
  "OTEL_EXPORTER_OTLP_ENDPOINT" | "OTEL_EXPORTER_OTLP_HEADERS" | "OTEL_TRACES_SAMPLER_ARG"
>;

/** Traces that are sent to a collector; what is left is sent at the end. */
export interface OpenTracing extends AsyncDisposable {
  readonly tracing: Tracing;
}

/** The share of traces that are recorded where nothing else is said. */
const samplingDefault = 0.1;

/**
 * Sends traces where somebody collects them. A start without loads nothing of them.
 *
 * @param serviceName `obsqra-server` or `obsqra-worker`
 */
export async function openTracing(
  env: TracingSettings,
  serviceName: string,
  warn: (error: unknown, message: string) => void,
): Promise<OpenTracing | undefined> {
  const { OTEL_EXPORTER_OTLP_ENDPOINT: endpoint, OTEL_TRACES_SAMPLER_ARG: sampling = samplingDefault } = env;
  if (endpoint === undefined) return undefined;
  const [{ createTracing }, { createSpanExporter }] = await Promise.all([
    import("./create-tracing.ts"),
    import("./otlp-exporter.ts"),
  ]);
  const headers = env.OTEL_EXPORTER_OTLP_HEADERS ?? {};
  const exporter = createSpanExporter({ endpoint, headers, serviceName, fetch, warn });
  return {
    tracing: createTracing({ sampling, record: exporter.record }),
    [Symbol.asyncDispose]: () => exporter[Symbol.asyncDispose](),
  };
}
