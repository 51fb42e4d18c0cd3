import type { FieldIssue } from "@obsqra/contract";
import { isDatabaseUnavailable, isTransactionConflict, isUserMissing } from "@obsqra/db";
import { TRPCError } from "@trpc/server";
import { ZodError } from "zod";
import { AppError } from "./app-error.ts";

/**
 * Finds the catalogued error behind anything that was thrown. What is not in the catalogue becomes INTERNAL_ERROR with
 * the original as `cause`, so that its text reaches the log and never a caller.
 */
export function toAppError(error: unknown): AppError {
  if (error instanceof AppError) return error;
  const cause = error instanceof Error ? error.cause : undefined;
  if (cause instanceof AppError) return cause;
  if (isDatabaseUnavailable(error) || isDatabaseUnavailable(cause)) {
    return new AppError("DATABASE_UNAVAILABLE", undefined, { cause: error });
  }
  // Commands have tried again already. What only reads may be undone, too, where every transaction is serializable.
  if (isTransactionConflict(error) || isTransactionConflict(cause)) {
    return new AppError("DATABASE_UNAVAILABLE", undefined, { cause: error });
  }
  if (isUserMissing(error) || isUserMissing(cause)) {
    // An access token outlives its account by up to its lifetime.
    return new AppError("TOKEN_INVALID", undefined, { cause: error });
  }
  if (error instanceof TRPCError) return fromTrpcError(error);
  return new AppError("INTERNAL_ERROR", undefined, { cause: error });
}

/** Enough to correct an input by; without a limit, a small body could ask for a large response. */
const issuesMax = 50;

/** Names of fields that we do not know, or that a caller chooses, can be as long as a body. */
const shownMax = 200;

/** One issue per field, with the path as a caller would write it. */
function toFieldIssues(error: ZodError): FieldIssue[] {
  return error.issues
    .slice(0, issuesMax)
    .map((issue) => ({ path: cut(issue.path.join(".")), message: cut(issue.message) }));
}

function cut(text: string): string {
  return text.length > shownMax ? `${text.slice(0, shownMax)}…`.toWellFormed() : text;
}

/** The errors that tRPC itself raises before and after a procedure runs. */
function fromTrpcError(error: TRPCError): AppError {
  const options = { cause: error };
  switch (error.code) {
    case "BAD_REQUEST":
      return error.cause instanceof ZodError
        ? new AppError("VALIDATION_FAILED", { issues: toFieldIssues(error.cause) }, options)
        : new AppError("MALFORMED_REQUEST", undefined, options);
    case "PARSE_ERROR":
      return new AppError("MALFORMED_JSON", undefined, options);
    case "NOT_FOUND":
      return new AppError("ROUTE_NOT_FOUND", undefined, options);
    case "METHOD_NOT_SUPPORTED":
      // tRPC reads queries with GET and mutations with POST.
      return new AppError(
        "METHOD_NOT_ALLOWED",
        { allowed: ["GET for queries", "POST for mutations"] },
        options,
      );
    case "PAYLOAD_TOO_LARGE":
      return new AppError("PAYLOAD_TOO_LARGE", undefined, options);
    case "UNSUPPORTED_MEDIA_TYPE":
      return new AppError("UNSUPPORTED_MEDIA_TYPE", undefined, options);
    default:
      return new AppError("INTERNAL_ERROR", undefined, options);
  }
}
