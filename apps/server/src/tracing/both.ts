import type { StatementListener } from "@obsqra/db";
import type { CallMeter } from "@obsqra/platform";

/** Measures each call, and follows it. */
export function bothMeters(
  metrics: CallMeter | undefined,
  tracing: CallMeter | undefined,
): CallMeter | undefined {
  if (metrics === undefined || tracing === undefined) return metrics ?? tracing;
  return { measure: (path, call) => metrics.measure(path, () => tracing.measure(path, call)) };
}

/** Tells both of statements and connections. */
export function bothListeners(
  metrics: StatementListener | undefined,
  tracing: StatementListener | undefined,
): StatementListener | undefined {
  if (metrics === undefined || tracing === undefined) return metrics ?? tracing;
  return {
    onConnection: (milliseconds) => {
      metrics.onConnection(milliseconds);
      tracing.onConnection(milliseconds);
    },
    onStatement: (milliseconds, text) => {
      metrics.onStatement(milliseconds, text);
      tracing.onStatement(milliseconds, text);
    },
  };
}
