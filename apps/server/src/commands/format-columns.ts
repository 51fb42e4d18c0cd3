/** Lines of cells, with columns as wide as their widest cell. */
export function formatColumns(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const lines = rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join("  ")
      .trimEnd(),
  );
  return `${lines.join("\n")}\n`;
}

/** Such as `2026-11-01T00:00Z`; empty for null. */
export function formatMinute(moment: Date | null): string {
  return moment === null ? "" : `${moment.toISOString().slice(0, 16)}Z`;
}
