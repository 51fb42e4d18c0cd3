import { describeMissingColumns, type MarketDataset } from "@obsqra/market";

/** What became of the rows of a data set, a line each, for whoever has to trust what is made of it. */
export function describeRows({ report, markets }: Pick<MarketDataset, "report" | "markets">): string[] {
  const { rows_read, rows_loaded, rows_rejected, duplicates, rejected, flags } = report;
  const lines = [
    `${rows_read} rows read: ${rows_loaded} loaded, ${rows_rejected} rejected, ${duplicates} duplicates; ${markets.length} markets`,
    ...rejected.map(({ line, reason }) => `  rejected line ${line}: ${reason}`),
  ];
  if (rows_rejected > rejected.length) lines.push(`  and ${rows_rejected - rejected.length} more rejected`);
  for (const { line, reason } of report.differing)
    lines.push(`  line ${line} does not count: it has ${reason}`);
  if (flags.impossible > 0) lines.push(`  ${flags.impossible} rows left out: their values are impossible`);
  const unknowns = flags.impossible_tvl + flags.impossible_utilization;
  if (unknowns > 0) lines.push(`  ${unknowns} TVLs and utilizations left out: they are impossible`);
  const restored =
    flags.tvl_without_6_decimals + flags.tvl_without_8_decimals + flags.tvl_without_18_decimals;
  if (restored > 0) lines.push(`  ${restored} TVLs read with the decimals that they lack`);
  for (const { line, reason } of report.impossible) lines.push(`  impossible in line ${line}: ${reason}`);
  if (flags.same_day > 0) lines.push(`  ${flags.same_day} rows left out: a later one is of the same day`);
  return lines;
}

/** What a market file does without for want of a column, a line each; nothing for other sources. */
export function describeLacking({ columns }: Pick<MarketDataset, "columns">): string[] {
  if (columns === undefined) return [];
  return describeMissingColumns(columns).map(({ column, without }) => `  no column ${column}: ${without}`);
}
