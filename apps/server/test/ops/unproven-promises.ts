/**
 * What a document promises without saying by which test that is shown, and tests that it names and that are none: a line each. Each
 * section, and each row of a table whose last column is `tests`, has to name a test or say that something is not tested. A test is
 * named in backticks by the end of its path.
 */
export function findUnprovenPromises(document: string, testFiles: readonly string[]): string[] {
  const [, ...sections] = document.split(/^## /m);
  return [
    ...sections
      .filter((text) => !namesTests(text))
      .map((text) => `The section “${firstLine(text)}” names no test.`),
    ...sections.flatMap(findBareRows),
    ...namesIn(document)
      .filter((name) => !testFiles.some((file) => `/${file}`.endsWith(`/${name}`)))
      .map((name) => `There is no test ${name}.`),
  ];
}

function findBareRows(section: string): string[] {
  const [header, , ...rows] = section.split("\n").filter((line) => line.startsWith("|"));
  if (header === undefined || cellsOf(header).at(-1) !== "tests") return [];
  return rows
    .map(cellsOf)
    .filter((cells) => !namesTests(cells.at(-1) ?? ""))
    .map(([what]) => `The row “${what}” names no test.`);
}

const cellsOf = (row: string) =>
  row
    .split("|")
    .slice(1, -1)
    .map((cell) => cell.trim());

const namesTests = (text: string) => namesIn(text).length > 0 || /\bnot tested\b/i.test(text);

const namesIn = (text: string) => [
  ...new Set(Array.from(text.matchAll(/`([\w./-]+\.test\.ts)`/g), ([, name = ""]) => name)),
];

const firstLine = (text: string) => text.split("\n", 1)[0];
