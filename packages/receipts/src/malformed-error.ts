/** What was read is not in the format that it claims to have. The message says which rule it breaks. */
export class MalformedError extends Error {
  override readonly name = "MalformedError";
}
