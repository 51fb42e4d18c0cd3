import { isObsqraError } from "@obsqra/client";
import { CliValidationError } from "trpc-cli";
import { visibleText } from "./visible-text.ts";

/** What the process ends with, for scripts. */
export const exitCodes = {
  done: 0,
  failed: 1,
  /** The command line, or the input in it, cannot be understood. */
  misused: 2,
  /** Nobody is signed in, or whoever is may not do this. */
  notAllowed: 3,
  /** No response, or the service asks to try again later. */
  tryLater: 4,
  /** By Ctrl-C. */
  interrupted: 130,
} as const;

/** A command line that cannot be understood, here or by the service, whose error is the cause then. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

const laterStatuses: ReadonlySet<unknown> = new Set([429, 502, 503, 504]);
const laterCodes: ReadonlySet<string> = new Set([
  "CONNECTION_FAILED",
  "REQUEST_TIMED_OUT",
  "RESPONSE_UNREADABLE",
]);

const signInCodes: ReadonlySet<string> = new Set(["UNAUTHENTICATED", "TOKEN_EXPIRED", "TOKEN_INVALID"]);

/** The exit code for a command that ended with an error. */
export function exitCodeOf(error: unknown): number {
  if (error instanceof UsageError || error instanceof CliValidationError) return exitCodes.misused;
  if (!isObsqraError(error)) return exitCodes.failed;
  const { code, status } = error;
  if (code === "REQUEST_ABORTED") return exitCodes.interrupted;
  if (laterCodes.has(code) || laterStatuses.has(status)) return exitCodes.tryLater;
  return status === 401 || status === 403 ? exitCodes.notAllowed : exitCodes.failed;
}

/** Says why a command failed and what to do about it, without a stack. */
export function explainError(error: unknown): string {
  return visibleText(sayWhy(error));
}

function sayWhy(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (!isObsqraError(error)) return error.message;
  if (error.code === "REQUEST_ABORTED") return "Stopped.";
  if (signInCodes.has(error.code)) {
    return `You are not signed in: obsqra auth login --email EMAIL. Or set OBSQRA_API_KEY. (${error.code})`;
  }
  const cause = error.code === "CONNECTION_FAILED" && error.cause ? ` ${error.cause.message}` : "";
  const request = error.status === 500 ? ` Request: ${error.request_id}` : "";
  return `${error.message}${cause}${request} (${error.code})`;
}

/** The same for a program. */
export function describeError(error: unknown): object {
  const refusal = error instanceof UsageError ? error.cause : error;
  if (!isObsqraError(refusal)) return { code: null, message: explainError(error) };
  const { code, message, status, details, request_id, retry_after } = refusal;
  return { code, message, status, details, request_id, retry_after };
}
