/** What a semicolon may stand in without ending a statement: quotes, dollar quotes and comments. */
const closed = /'(?:[^']|'')*'|"(?:[^"]|"")*"|\$(\w*)\$[\s\S]*?\$\1\$|--[^\n]*|\/\*[\s\S]*?\*\/|;/g;

/**
 * Splits SQL text at its semicolons. For text of our own programs and libraries, not for what a stranger has written: nested
 * comments and escape strings are not known.
 */
export function splitStatements(text: string): string[] {
  const statements: string[] = [];
  let start = 0;
  for (const { 0: token, index } of text.matchAll(closed)) {
    if (token !== ";") continue;
    statements.push(text.slice(start, index));
    start = index + 1;
  }
  statements.push(text.slice(start));
  return statements.map((statement) => statement.trim()).filter((statement) => statement !== "");
}
