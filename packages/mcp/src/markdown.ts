import { invisible } from "./invisible.ts";

/**
 * What a call gave as Markdown: objects as lists, lists of objects as tables. Nothing in a text of it is taken for Markdown or HTML, since
 * names come from feeds that others write.
 */
export function toMarkdown(value: unknown): string {
  if (isRows(value)) return toTable(value);
  if (Array.isArray(value)) return value.map((item) => `- ${toText(item)}`).join("\n");
  if (!isObject(value)) return toText(value);
  const { items, ...others } = value;
  const facts = Object.entries(others)
    .filter(([, inner]) => !isRows(inner))
    .map(([name, inner]) => `- ${toText(name)}: ${toText(inner)}`)
    .join("\n");
  const tables = Object.entries(others).flatMap(([name, inner]) =>
    isRows(inner) ? [`**${toText(name)}**\n\n${toTable(inner)}`] : [],
  );
  const list = items === undefined ? [] : [toMarkdown(items)];
  return [...list, facts, ...tables].filter((part) => part !== "").join("\n\n");
}

type Row = Readonly<Record<string, unknown>>;

function toTable(rows: readonly Row[]): string {
  if (rows.length === 0) return "None.";
  const names = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  return [
    line(names.map(toText)),
    line(names.map(() => "---")),
    ...rows.map((row) => line(names.map((name) => toText(row[name])))),
  ].join("\n");
}

function toText(value: unknown): string {
  if (value === null || value === undefined) return "–";
  if (typeof value === "object") return toPlainText(JSON.stringify(value));
  return toPlainText(String(value));
}

/** Without what nobody can see; characters by which Markdown, its tables, HTML and links begin something, and line ends, mean nothing. */
function toPlainText(text: string): string {
  return text
    .replaceAll(invisible, "")
    .replaceAll(/[\\`*_[\]<>|#@]/g, "\\$&")
    .replaceAll("://", "\\://")
    .replaceAll(/www\./gi, (start) => `${start.slice(0, -1)}\\.`)
    .replaceAll(/\s+/g, " ");
}

function isRows(value: unknown): value is readonly Row[] {
  return Array.isArray(value) && value.every(isObject);
}

function isObject(value: unknown): value is Row {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
