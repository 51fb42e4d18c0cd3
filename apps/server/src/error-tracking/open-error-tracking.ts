import type { Environment } from "../env.ts";

/** A record of the log that says of an error. */
export interface ErrorRecord {
  readonly level: "error" | "fatal";
  readonly message: string;
  /** What went with it: `err`, and names such as `request_id`. */
  readonly fields: Readonly<Record<string, unknown>> & { readonly err?: unknown };
}

/** Errors that are sent where somebody tracks them; what is left is sent at the end. */
export interface ErrorTracking extends AsyncDisposable {
  readonly report: (record: ErrorRecord) => void;
}

/**
 * Sends errors of the log to a service that speaks Sentry's protocol. A start without `SENTRY_DSN` loads nothing of it.
 *
 * @param serviceName `obsqra-server` or `obsqra-worker`
 */
export async function openErrorTracking(
  env: Pick<Environment, "SENTRY_DSN" | "ENVIRONMENT">,
  serviceName: string,
): Promise<ErrorTracking | undefined> {
  if (env.SENTRY_DSN === undefined) return undefined;
  const { createErrorTracking } = await import("./create-error-tracking.ts");
  return createErrorTracking({
    dsn: env.SENTRY_DSN,
    environment: env.ENVIRONMENT,
    serviceName,
    fetch,
    now: Date.now,
  });
}
