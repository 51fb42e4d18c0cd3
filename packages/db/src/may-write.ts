/** What begins a statement that changes no rows; a `select` of ours calls no function that does. */
const harmless =
  /^\s*(?:select|begin|start|commit|rollback|savepoint|release|set|show|explain|analyze|vacuum)\b/i;
const withWrites = /\b(?:insert|update|delete|merge)\b/i;

/** Whether a statement may change rows, by its text: of one that reads it may say so, too. */
export function mayWrite(text: string): boolean {
  if (harmless.test(text)) return false;
  return !/^\s*with\b/i.test(text) || withWrites.test(text);
}
