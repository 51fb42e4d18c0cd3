import { type MarketDataset, type MarketDoubt, type MarketObservation, readTvl } from "@obsqra/market";

/** The newest that is stored of a market of a feed. */
export interface KnownMarket {
  readonly market_id: string;
  readonly observed_at: Date;
  readonly tvl_usd: number | null;
  readonly apy: number | null;
  readonly quality: readonly string[];
  /** Whether its utilization was known in the last month that it was observed. */
  readonly has_utilization: boolean;
}

/** What the newest import of a source had read, as far as the next one is judged by it. */
interface EarlierReport {
  readonly rows_read: number;
  readonly rows_rejected: number;
  readonly rows_loaded: number;
}

/** What a load is judged by. */
export interface FeedBasis {
  /** What is stored of the source's markets; none before its first import. */
  readonly known: readonly KnownMarket[];
  /** Of a market file that was imported before: it is chosen by its operator, and may have rows that are of no use. */
  readonly earlierFile?: EarlierReport | undefined;
}

/** A value of the newest row of a market that is stored and not believed, where the one before was. */
export interface DoubtedValue {
  readonly market_id: string;
  readonly name: ValueName;
  readonly value: number;
  /** What was believed before. */
  readonly before: number;
}

/** What is made of a load of a feed. */
export interface FeedVerdict {
  /** Why nothing of it is taken; undefined when it is. */
  readonly refusal: string | undefined;
  /** Of which markets nothing is taken, and why. */
  readonly quarantined: readonly MarketDoubt[];
  /** Which values of other markets are taken for unknown from now on. */
  readonly doubted: readonly DoubtedValue[];
}

/** A market's newest row as a load brings it, or as it is stored. */
type NewestRow = Pick<MarketObservation, ValueName> & { readonly quality: readonly string[] };

const valueNames = ["tvl_usd", "apy"] as const;
type ValueName = (typeof valueNames)[number];

/** Fewer markets say too little about a feed. */
const marketsMin = 3;
const dayMs = 24 * 60 * 60 * 1000;
/** A market that was observed so long before the newest one counts as alive. */
const aliveDays = 3;
/**
 * TVLs that have risen so many times, of markets that had a thousand dollars, are in another unit when most of a feed's do. One market's
 * does rise like that, and is judged beside its own history, which a feed that is in another unit as a whole does not show.
 */
const rise = { factor: 500, tvlKnown: 1_000 } as const;

/**
 * Judges what a feed or a file has beside what it had before. It is refused as a whole where most of it cannot be read, where it has
 * fewer than half of the markets that were alive, where all that it says of the newest day is zero, where TVL or APY of more than half of
 * them cannot be believed any more, and where it ends before the day that it had reached; a file, which is the whole of its history, where it has fewer than half of the rows that it had, too. Of markets that
 * the source itself doubts nothing is taken, except where their borrow side is missing and never was there: not every deployment has one.
 */
export function judgeFeed(
  { markets, report, doubts = [] }: Pick<MarketDataset, "markets" | "report" | "doubts">,
  { known, earlierFile }: FeedBasis,
): FeedVerdict {
  const withBorrowSide = new Set(
    known.filter(({ has_utilization }) => has_utilization).map(({ market_id }) => market_id),
  );
  const quarantined = doubts.filter(
    ({ market, cause }) => cause !== "no_borrow_side" || withBorrowSide.has(market.id),
  );
  const out = new Set(quarantined.map(({ market }) => market.id));
  const newest = new Map(
    markets.flatMap(({ market, observations }) => {
      const row = observations.at(-1);
      return row === undefined ? [] : [[market.id, row]];
    }),
  );
  const refusal =
    findUnreadable(report, earlierFile) ??
    (known.length < marketsMin ? undefined : findImplausible({ markets, newest }, known)) ??
    (known.length < marketsMin ? undefined : findLostRows(report, earlierFile));
  const doubted = valueNames
    .flatMap((name) => listDoubted(name, newest, known))
    .filter(({ market_id }) => !out.has(market_id));
  return { refusal, quarantined: onePerMarket(quarantined), doubted };
}

function findUnreadable(
  report: MarketDataset["report"],
  earlierFile: EarlierReport | undefined,
): string | undefined {
  if (!isUnreadable(report) || (earlierFile !== undefined && isUnreadable(earlierFile))) return undefined;
  const { rows_read, rows_rejected, rejected } = report;
  const example = rejected[0] === undefined ? "" : ` The first: ${rejected[0].reason}.`;
  return `${rows_rejected} of its ${rows_read} rows cannot be read.${example}`;
}

function isUnreadable({ rows_read, rows_rejected }: Omit<EarlierReport, "rows_loaded">): boolean {
  return rows_rejected * 2 > rows_read;
}

function findLostRows(
  { rows_loaded }: MarketDataset["report"],
  earlierFile: EarlierReport | undefined,
): string | undefined {
  if (earlierFile === undefined || rows_loaded * 2 >= earlierFile.rows_loaded) return undefined;
  return `It has ${rows_loaded} rows, and had ${earlierFile.rows_loaded}.`;
}

function findImplausible(
  { markets, newest }: Pick<MarketDataset, "markets"> & { readonly newest: ReadonlyMap<string, NewestRow> },
  known: readonly KnownMarket[],
): string | undefined {
  const reached = Math.max(...known.map(({ observed_at }) => observed_at.getTime()));
  const alive = known.filter(({ observed_at }) => reached - observed_at.getTime() <= aliveDays * dayMs);
  const brought = new Set(markets.map(({ market }) => market.id));
  const returning = alive.filter(({ market_id }) => brought.has(market_id));
  if (alive.length >= marketsMin && returning.length * 2 < alive.length) {
    return `It has ${returning.length} of the ${alive.length} markets that it had.`;
  }
  const until = Math.max(...markets.map(({ observed_until }) => observed_until.getTime()));
  if (until < reached - dayMs) {
    return `It ends on ${toDay(until)}, and had reached ${toDay(reached)}.`;
  }
  const rows = [...newest.values()];
  for (const name of valueNames) {
    const isKnown = alive.some((market) => (market[name] ?? 0) !== 0);
    if (isKnown && rows.length >= marketsMin && rows.every((row) => (row[name] ?? 0) === 0)) {
      return `It says that ${name} is zero, or nothing, of all ${rows.length} markets.`;
    }
    const believed = returning.filter((market) => readBelieved(name, market) !== null);
    const lost = [
      ...listDoubted(name, newest, believed),
      ...(name === "tvl_usd" ? listRisen(newest, believed) : []),
    ];
    const [example] = lost;
    if (example !== undefined && believed.length >= marketsMin && lost.length * 2 > believed.length) {
      return `The ${name} of ${lost.length} of ${believed.length} markets cannot be believed, such as ${example.value} after ${example.before}.`;
    }
  }
  return undefined;
}

/** The values of the newest rows that are held against them, of markets of which the newest that is stored is believed. */
function listDoubted(
  name: ValueName,
  newest: ReadonlyMap<string, NewestRow>,
  known: readonly KnownMarket[],
): DoubtedValue[] {
  return known.flatMap((market) => {
    const row = newest.get(market.market_id);
    const [value, before] = [row?.[name] ?? null, readBelieved(name, market)];
    if (row === undefined || value === null || before === null || readBelieved(name, row) !== null) return [];
    return [{ market_id: market.market_id, name, value, before }];
  });
}

/** The TVLs that nothing is held against, and that are far above what is stored. */
function listRisen(newest: ReadonlyMap<string, NewestRow>, known: readonly KnownMarket[]): DoubtedValue[] {
  return known.flatMap((market) => {
    const row = newest.get(market.market_id);
    const value = row === undefined ? null : readBelieved("tvl_usd", row);
    const before = readBelieved("tvl_usd", market);
    const isRisen =
      value !== null && before !== null && before >= rise.tvlKnown && value >= before * rise.factor;
    return isRisen ? [{ market_id: market.market_id, name: "tvl_usd", value, before }] : [];
  });
}

/** What is served of a row; null where it is unknown, or not believed. */
function readBelieved(name: ValueName, row: NewestRow): number | null {
  if (name === "tvl_usd") return readTvl(row.tvl_usd, row.quality);
  return row.quality.includes("impossible") ? null : row.apy;
}

/** The first doubt of each market, in the order of ids. */
function onePerMarket(doubts: readonly MarketDoubt[]): MarketDoubt[] {
  const byId = new Map<string, MarketDoubt>();
  for (const doubt of doubts) if (!byId.has(doubt.market.id)) byId.set(doubt.market.id, doubt);
  return [...byId.values()].toSorted((left, right) => (left.market.id < right.market.id ? -1 : 1));
}

function toDay(time: number): string {
  return new Date(time).toISOString().slice(0, 10);
}
