/** The log is not the one that was signed last, or what it commits to was changed. The message says in what. */
export class LogChangedError extends Error {
  override readonly name = "LogChangedError";
}
