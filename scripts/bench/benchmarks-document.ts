import type { Benchmark, BenchmarkRow } from "./benchmark.ts";

/** Where the figures were measured, in one sentence. */
export type MachineDescription = string;

/** The rows as a Markdown table, its columns aligned so that it reads as plain text, too. */
export function formatTable(rows: readonly BenchmarkRow[]): string {
  const lines = [
    ["work", "measured", "bar", "met", "peer"],
    ...rows.map(({ work, measured, bar, met, peer }) => [work, measured, bar, met ? "yes" : "NO", peer]),
  ];
  const widths = ["", "", "", "", ""].map((_, column) =>
    Math.max(...lines.map((line) => (line[column] ?? "").length)),
  );
  const [header, ...body] = lines.map(
    (line) => `| ${line.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(" | ")} |`,
  );
  const rule = `| ${widths.map((width) => "-".repeat(width)).join(" | ")} |`;
  return [header, rule, ...body].join("\n");
}

/** One benchmark's section of docs/benchmarks.md. */
export function formatSection(
  benchmark: Benchmark,
  rows: readonly BenchmarkRow[],
  machine: MachineDescription,
): string {
  return `## ${benchmark.title}

\`pnpm bench ${benchmark.name}\` on ${machine}

${formatTable(rows)}

${benchmark.description}`;
}

/** The document with one section replaced, or added at the end when it has none of that name. */
export function replaceSection(document: string, name: string, section: string): string {
  const begin = `<!-- ${name} -->`;
  const end = `<!-- /${name} -->`;
  const block = `${begin}\n\n${section.trim()}\n\n${end}`;
  const from = document.indexOf(begin);
  const to = document.indexOf(end);
  if (from < 0 || to < from) return `${document.trimEnd()}\n\n${block}\n`;
  return document.slice(0, from) + block + document.slice(to + end.length);
}
