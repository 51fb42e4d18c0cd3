/** A cell or line that cannot be read. The message becomes the reason in the import report. */
export class RowError extends Error {
  override readonly name = "RowError";
}
