import { errorCatalogue } from "@obsqra/contract";
import { AppError } from "@obsqra/platform";

/** Which error a call has ended with, and whose doing it is. The pipeline throws what is in the catalogue, as the cause of tRPC's error. */
export function describeCallError(error: unknown): { readonly code: string; readonly isOurs: boolean } {
  const cause = error instanceof Error ? error.cause : undefined;
  if (!(cause instanceof AppError)) return { code: "INTERNAL_ERROR", isOurs: true };
  const { code }: AppError = cause;
  return { code, isOurs: ourCodes.has(errorCatalogue[code].trpcCode) };
}

/** tRPC's codes of the statuses from 500 on. */
const ourCodes: ReadonlySet<string> = new Set([
  "INTERNAL_SERVER_ERROR",
  "NOT_IMPLEMENTED",
  "BAD_GATEWAY",
  "SERVICE_UNAVAILABLE",
  "GATEWAY_TIMEOUT",
]);
