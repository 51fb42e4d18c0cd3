/**
 * The titles of the tests that a test file declares, as they are written there: `%s` and `$name` stay. Tests that are
 * skipped or still to be written are left out.
 */
export function listTestTitles(source: string): string[] {
  const titles: string[] = [];
  for (const { 0: call, 1: modifiers = "", index } of source.matchAll(declaration)) {
    if (/\.(skip|todo|fails)\b/.test(modifiers)) continue;
    let open = index + call.length - 1;
    // it.each(table)("title"), it.runIf(condition)("title")
    if (/\.(each|for|runIf|skipIf)$/.test(modifiers)) open = source.indexOf("(", findEnd(source, open));
    const title = readText(source, open + 1);
    if (title !== undefined) titles.push(title);
  }
  return titles;
}

const declaration = /(?<![\w.$"'`])(?:it|test)((?:\.\w+)*)(?:<[^()]*>)?\(/g;

/** The place after the parenthesis that closes the one at `open`. Texts and comments in between are stepped over. */
function findEnd(source: string, open: number): number {
  let depth = 0;
  parts.lastIndex = open;
  for (let match = parts.exec(source); match !== null; match = parts.exec(source)) {
    if (match[0] === "(") depth += 1;
    if (match[0] === ")") depth -= 1;
    if (depth === 0) return parts.lastIndex;
  }
  return source.length;
}

const parts = /"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|`(?:[^`\\]|\\.)*`|\/\/.*|\/\*[\s\S]*?\*\/|[()]/g;

function readText(source: string, start: number): string | undefined {
  const text = /\s*("(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|`(?:[^`\\]|\\.)*`)/y;
  text.lastIndex = start;
  const [, quoted] = text.exec(source) ?? [];
  return quoted?.slice(1, -1).replaceAll(/\\(["'`\\])/g, "$1");
}
