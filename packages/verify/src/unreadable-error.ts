/** A service gave no answer: that says nothing of what it has committed to. */
export class UnreadableError extends Error {
  override readonly name = "UnreadableError";

  constructor(url: string, cause: unknown) {
    super(`Could not read ${url}: ${describe(cause)}.`, { cause });
  }
}

/** What `fetch` throws says little; its cause says what went wrong. */
function describe(error: unknown): string {
  if (typeof error === "string") return error;
  if (!(error instanceof Error)) return String(error);
  if (error.name === "TimeoutError") return "it did not come in time";
  const { cause } = error;
  if (typeof cause !== "object" || cause === null) return withoutStop(error.message);
  const { code, message }: { code?: unknown; message?: unknown } = cause;
  const says = [message, code].find((said) => typeof said === "string" && said !== "");
  return withoutStop(says === undefined ? error.message : String(says));
}

function withoutStop(text: string): string {
  return text.replace(/\.$/, "");
}
