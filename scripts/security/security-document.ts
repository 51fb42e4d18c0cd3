import { asvsRequirements, type Requirement } from "./asvs-requirements.ts";

/** What docs/security.md says about a requirement. */
export interface Entry {
  readonly id: string;
  readonly level: number;
  readonly statements: readonly Statement[];
}

/** Why a requirement is met, by a test or by what the document itself states, or why it is not. */
export interface Statement {
  readonly kind: "Test" | "Stated" | "Does not apply" | "Falls short";
  readonly text: string;
}

/** The names of a file's tests, or undefined where there is no such file. */
export type ReadTestTitles = (file: string) => readonly string[] | undefined;

/**
 * Reads the entries: `- **V6.2.1** (L1) Text`, each followed by its statements, `  - Kind: text`. Lines that are indented
 * further go on with the previous one.
 */
export function readEntries(document: string): Entry[] {
  const joined = document.replaceAll(/\n {2,}(?!\s|- )/g, " ");
  const entries: { id: string; level: number; statements: Statement[] }[] = [];
  for (const line of joined.split("\n")) {
    const [, id, level] = /^- \*\*(V[\d.]+)\*\* \(L(\d)\) \S/.exec(line) ?? [];
    if (id !== undefined) entries.push({ id, level: Number(level), statements: [] });
    // What is not indented belongs to no requirement.
    const [, kind, text = ""] = /^ {2}- (Test|Stated|Does not apply|Falls short): (.+)$/.exec(line) ?? [];
    // The pattern names the kinds.
    if (kind !== undefined) entries.at(-1)?.statements.push({ kind: kind as Statement["kind"], text });
  }
  return entries;
}

/** Everything that is wrong with the document, a line each: what is missing, and tests that do not exist. */
export function findProblems(
  document: string,
  readTestTitles: ReadTestTitles,
  requirements: readonly Requirement[] = asvsRequirements,
): string[] {
  const entries = readEntries(document);
  const missing = requirements
    .filter(({ id, level }) => level < 3 && !entries.some((entry) => entry.id === id))
    .map(({ id, level }) => `${id} (L${level}) is missing.`);
  const others = Array.from(document.matchAll(/^- Test: (.+)$/gm), ([, text = ""]) => text);
  return [
    ...missing,
    ...others.flatMap((text) => checkTest(text, readTestTitles)),
    ...entries.flatMap((entry, index) => {
      const isRepeated = entries.findIndex(({ id }) => id === entry.id) < index;
      return [
        ...(isRepeated ? [`${entry.id} stands there twice.`] : []),
        ...checkLevel(entry, requirements),
        ...(entry.statements.length === 0 ? [`${entry.id} has neither a test nor a reason.`] : []),
        ...entry.statements.flatMap((statement) =>
          checkStatement(statement, { document, readTestTitles }).map((problem) => `${entry.id}: ${problem}`),
        ),
      ];
    }),
  ];
}

function checkLevel({ id, level }: Entry, requirements: readonly Requirement[]): string[] {
  const found = requirements.find((requirement) => requirement.id === id);
  if (found === undefined) return [`${id} is not a requirement of these chapters.`];
  return found.level === level ? [] : [`${id} is of level ${found.level}, not ${level}.`];
}

interface Surroundings {
  readonly document: string;
  readonly readTestTitles: ReadTestTitles;
}

function checkStatement({ kind, text }: Statement, { document, readTestTitles }: Surroundings): string[] {
  switch (kind) {
    case "Test":
      return checkTest(text, readTestTitles);
    case "Stated":
      return checkLinks(text, document);
    default:
      return [];
  }
}

/** A test is named as `` `path/of/the.test.ts` › “its title” ``. */
function checkTest(text: string, readTestTitles: ReadTestTitles): string[] {
  const [, file, title] = /^`([^`]+\.test\.ts)` › “(.+)”$/.exec(text) ?? [];
  if (file === undefined || title === undefined) return [`not in the form of a test: ${text}`];
  const titles = readTestTitles(file);
  if (titles === undefined) return [`there is no file ${file}.`];
  return titles.includes(title) ? [] : [`${file} has no test “${title}”.`];
}

/** What is stated has to have a heading in the document. */
function checkLinks(text: string, document: string): string[] {
  const headings = Array.from(document.matchAll(/^#+ (.+)$/gm), ([, heading = ""]) => toAnchor(heading));
  const anchors = Array.from(text.matchAll(/\]\(#([^)]+)\)/g), ([, anchor = ""]) => anchor);
  if (anchors.length === 0) return [`says not where it is stated: ${text}`];
  return anchors
    .filter((anchor) => !headings.includes(anchor))
    .map((anchor) => `there is no heading #${anchor}.`);
}

/** As GitHub makes them. */
function toAnchor(heading: string): string {
  return heading
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}\s_-]/gu, "")
    .trim()
    .replaceAll(/\s/g, "-");
}
