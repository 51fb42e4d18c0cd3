import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { runScript } from "./command-line.ts";
import { type Entry, findProblems, readEntries, type Statement } from "./security/security-document.ts";
import { listTestTitles } from "./security/test-titles.ts";

const help = `Checks docs/security.md: that it has every requirement of levels 1 and 2 of the chapters V6 to V9 of the OWASP ASVS
5.0.0, and that every test that it names exists. Exits with 1, naming what is wrong.

Usage: node scripts/check-security.ts

  --help  show this text
`;

process.exitCode = await runScript({ help, parse, run });

function parse() {
  const { values } = parseArgs({ options: { help: { type: "boolean" } } });
  return values.help ? undefined : {};
}

async function run(): Promise<number> {
  const document = readText("docs/security.md") ?? "";
  const titlesByFile = new Map<string, string[]>();
  const problems = findProblems(document, (file) => {
    const source = readText(file);
    if (source === undefined) return undefined;
    const titles = titlesByFile.get(file) ?? listTestTitles(source);
    titlesByFile.set(file, titles);
    return titles;
  });
  if (problems.length > 0) {
    process.stderr.write(`docs/security.md does not hold:\n${problems.join("\n")}\n`);
    return 1;
  }
  process.stdout.write(`docs/security.md holds. ${summarise(readEntries(document))}\n`);
  return 0;
}

function summarise(entries: readonly Entry[]): string {
  const required = entries.filter(({ level }) => level < 3);
  const by = (kind: Statement["kind"]) =>
    required.filter(({ statements }) => statements.some((statement) => statement.kind === kind));
  const short = by("Falls short").map(({ id }) => id);
  return `Of ${required.length} requirements of levels 1 and 2, ${by("Test").length} have tests, ${by("Stated").length} are \
stated, ${by("Does not apply").length} do not apply, and ${short.length} fall short: ${short.join(", ")}.`;
}

function readText(path: string): string | undefined {
  const location = fileURLToPath(new URL(`../${path}`, import.meta.url));
  // Git may check files out with CRLF on Windows.
  return existsSync(location) ? readFileSync(location, "utf8").replaceAll("\r\n", "\n") : undefined;
}
