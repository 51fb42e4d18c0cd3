/** Rows of text below the names of their columns. */
export interface Table {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/** For a terminal: columns as wide as their widest cell, figures to the right. */
export function plainTable(table: Table): string {
  return layOut(table)
    .cells.map((row) => row.join("  ").trimEnd())
    .join("\n");
}

/** As GitHub shows tables; aligned, so that it reads as plain text, too. */
export function markdownTable(table: Table): string {
  const { cells, widths, areFigures } = layOut(table);
  const rule = widths.map((width, column) =>
    areFigures[column] === true ? `${"-".repeat(width - 1)}:` : "-".repeat(width),
  );
  const [header = [], ...rows] = cells;
  return [header, rule, ...rows].map((row) => `| ${row.join(" | ")} |`).join("\n");
}

/** A number, perhaps in percent; "-" stands for none. */
const figure = /^(-|[+-]?[\d.,]+(e[+-]\d+)?( %)?)$/;
/** The narrowest column that Markdown takes for one. */
const widthMin = 3;

function layOut({ columns, rows }: Table) {
  const lines = [columns, ...rows];
  const widths = columns.map((_, column) =>
    Math.max(widthMin, ...lines.map((line) => line[column]?.length ?? 0)),
  );
  const areFigures = columns.map((_, column) => rows.every((row) => figure.test(row[column] ?? "")));
  const cells = lines.map((line) =>
    line.map((cell, column) => {
      const width = widths[column] ?? 0;
      return areFigures[column] === true ? cell.padStart(width) : cell.padEnd(width);
    }),
  );
  return { cells, widths, areFigures };
}
