import {
  createFileSource,
  type FileDataset,
  type MarketFileColumn,
  type MarketHistory,
  marketFileColumnNames,
  marketFileColumns,
} from "@obsqra/market";
import { describeLacking, describeRows } from "../describe-dataset.ts";
import { formatColumns } from "./format-columns.ts";
import { parseCommandLine } from "./parse-command-line.ts";
import type { CommandLine } from "./run-command.ts";
import { UsageError } from "./usage-error.ts";

const usage = `Tells what a market file brings before a server is started with it.

Usage: pnpm market check FILE

  FILE    CSV or CSV.gz, as MARKET_FILE takes it
  --help  shows this text

It opens no database and changes nothing, and ends with 1 when the file cannot be used. The first row of the file names its
columns, in any order and case; others are ignored:

${formatColumns(marketFileColumnNames.flatMap(describeColumn))}
Every file has pool, project, symbol and timestamp, and apy or apyBase. The same is in docs/market-file.md.
`;

/** What it says, and below it what a file without it does without. */
function describeColumn(column: MarketFileColumn): (readonly [string, string])[] {
  const { meaning, without } = marketFileColumns[column];
  return [
    [`  ${column}`, meaning],
    ["", without === undefined ? "Required." : `Without it: ${without}`],
  ];
}

/** What to do. */
export interface MarketCommand {
  readonly name: "check";
  readonly path: string;
}

/** `pnpm market`. */
export const marketCommand: CommandLine<MarketCommand> = {
  usage,
  parse: parseMarketCommand,
  isChange: () => false,
  run: async ({ path }, _env, { write }) => {
    const dataset = await createFileSource({ path, clock: () => new Date() }).load();
    write(`${describeFile(dataset).join("\n")}\n`);
    return dataset.markets.length === 0 ? 1 : 0;
  },
};

/**
 * Reads a command line.
 *
 * @throws UsageError
 */
export function parseMarketCommand(parameters: readonly string[]): MarketCommand | "help" {
  const line = parseCommandLine(parameters, { check: { words: 1 } });
  if (line === "help") return line;
  const [path] = line.words;
  if (path === undefined || path === "") throw new UsageError("check needs a FILE.");
  return { name: line.name, path };
}

function describeFile(dataset: FileDataset): string[] {
  const { markets, columns } = dataset;
  return [
    ...describeRows(dataset),
    ...describeKinds(markets),
    `Columns: ${marketFileColumnNames.filter((column) => columns.includes(column)).join(", ")}`,
    ...describeLacking(dataset),
  ];
}

/** How many markets there are of each kind, and the days that they cover. */
function describeKinds(markets: readonly MarketHistory[]): string[] {
  return [...Map.groupBy(markets, ({ market }) => market.kind)].map(([kind, ofKind]) => {
    const protocols = new Set(ofKind.map(({ market }) => market.protocol)).size;
    const from = ofKind.map(({ observations }) => isoDay(observations[0]?.observed_at)).toSorted()[0];
    const until = ofKind
      .map(({ observed_until }) => isoDay(observed_until))
      .toSorted()
      .at(-1);
    return `${nameOfKind[kind]}: ${ofKind.length} in ${protocols} ${protocols === 1 ? "protocol" : "protocols"}, ${from} to ${until}`;
  });
}

const nameOfKind = {
  lending: "Lending markets",
  dex: "DEX pools",
  unknown: "Markets of unknown kind, which have no risk score",
} as const;

function isoDay(moment: Date | undefined): string {
  return moment?.toISOString().slice(0, 10) ?? "";
}
