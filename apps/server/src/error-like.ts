/** What is thrown, or stands in for it. */
export interface ErrorLike {
  readonly name?: unknown;
  readonly code?: unknown;
  readonly message: string;
  readonly stack?: unknown;
  readonly cause?: unknown;
}

/** Errors, and objects in their place: the queue of jobs tells of its failures in copies that are no instances of Error. */
export function isErrorLike(error: unknown): error is ErrorLike {
  return (
    typeof error === "object" && error !== null && "message" in error && typeof error.message === "string"
  );
}
