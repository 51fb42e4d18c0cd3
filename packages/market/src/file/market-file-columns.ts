/** A column that a market file can have. */
interface ColumnDescription {
  /** The spellings under which files carry it, in lower case. */
  readonly spellings: readonly string[];
  readonly meaning: string;
  /** What a file without it does without; undefined for a column that every file needs. */
  readonly without: string | undefined;
}

/** Every column that is read of a market file, by our name of it. Others are ignored. */
export const marketFileColumns = {
  pool: {
    spellings: ["pool"],
    meaning: "The market's id, the same in each of its rows.",
    without: undefined,
  },
  project: {
    spellings: ["project"],
    meaning: "The protocol. Its name in small letters, digits and hyphens is what the API calls it.",
    without: undefined,
  },
  chain: {
    spellings: ["chain"],
    meaning: "The chain that the market is on.",
    without: "Markets are on the chain `unknown`.",
  },
  symbol: {
    spellings: ["symbol"],
    meaning: "The asset, or the assets of a pool with hyphens between them, such as ETH-USDC.",
    without: undefined,
  },
  timestamp: {
    spellings: ["timestamp"],
    meaning:
      "When the row was observed, such as 2026-11-01T23:00:00Z or 2026-11-01; in UTC, unless it has an offset.",
    without: undefined,
  },
  tvlUsd: {
    spellings: ["tvlusd", "tvl_usd"],
    meaning:
      "Total value locked, in US dollars; of a lending market, what is supplied less what is borrowed from it.",
    without:
      "Risk scores count liquidity as unknown, which makes them higher; advice counts neither dilution nor what can be taken out; and all markets of a protocol weigh the same in its figures.",
  },
  apy: {
    spellings: ["apy"],
    meaning: "The yield in percent a year, rewards included.",
    without: "The yield is apyBase and apyReward together; without apyBase, too, the file is refused.",
  },
  apyBase: {
    spellings: ["apybase", "apy_base"],
    meaning: "The part of the yield that comes from fees or interest, in percent a year.",
    without: "Where apy is missing, too, the file is refused.",
  },
  apyReward: {
    spellings: ["apyreward", "apy_reward"],
    meaning: "The part of the yield that is paid in incentive tokens, in percent a year.",
    without: "Where the yield is made of apyBase, it has no rewards.",
  },
  apyBaseBorrow: {
    spellings: ["apybaseborrow", "apy_base_borrow"],
    meaning: "What borrowers pay, in percent a year.",
    without: "That a market is one to borrow from has to show in utilization, category or frozen.",
  },
  utilization: {
    spellings: ["utilizationimplied", "utilization"],
    meaning: "What is borrowed over what is supplied, from 0 to 1.",
    without:
      "Lending markets have no risk score, and so no advice; that they become illiquid shows by frozen and paused alone.",
  },
  frozen: {
    spellings: ["frozen"],
    meaning: "Whether the market takes no new deposits: true or false.",
    without: "Illiquidity shows by the utilization alone.",
  },
  paused: {
    spellings: ["paused"],
    meaning: "Whether nothing can be done in the market: true or false. Counts as frozen.",
    without: "Illiquidity shows by frozen and the utilization alone.",
  },
  exposure: {
    spellings: ["exposure"],
    meaning: "single or multi: whether the market is of one asset or of several.",
    without: "The symbol tells.",
  },
  category: {
    spellings: ["category"],
    meaning: "The kind of the protocol as DefiLlama names it, such as Lending or Dexs.",
    without: "The kind of a market follows from its other columns and its symbol.",
  },
} as const satisfies Record<string, ColumnDescription>;

/** A column of a market file by our name of it, whatever its spelling there. */
export type MarketFileColumn = keyof typeof marketFileColumns;

/** In the order in which they are described. */
export const marketFileColumnNames = Object.keys(marketFileColumns) as readonly MarketFileColumn[];

/** What a file with these columns does without, a sentence for each that it lacks. */
export function describeMissingColumns(
  columns: readonly MarketFileColumn[],
): { readonly column: MarketFileColumn; readonly without: string }[] {
  return marketFileColumnNames.flatMap((column) => {
    const { without } = marketFileColumns[column];
    return without === undefined || columns.includes(column) ? [] : [{ column, without }];
  });
}
