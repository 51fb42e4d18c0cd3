import type { AnyObsqraError } from "../obsqra-error.ts";

const retriesMax = 3;

/** Whether a query is asked once more: what the service refuses, it will refuse again, and what goes away by itself will not. */
export function retryTransient(failures: number, { code, status = 0 }: AnyObsqraError): boolean {
  return failures < retriesMax && (code === "CONNECTION_FAILED" || code === "RATE_LIMITED" || status >= 500);
}
