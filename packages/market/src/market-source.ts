import type { MarketFileColumn } from "./file/market-file-columns.ts";
import type { QualityFlag } from "./quality.ts";

/**
 * Where market history comes from. Adapters: a CSV file, DefiLlama's public API, a seeded simulation.
 * Nothing here knows about users, databases or models.
 */
export interface MarketSource {
  /** What the data is labelled with everywhere: `"file:<file name>"`, `"defillama"` or `"simulated"`. */
  readonly name: string;
  /** True when the numbers are invented; every response and page built on them has to say so. */
  readonly simulated: boolean;
  /**
   * Loads the complete history this source offers.
   *
   * @throws MarketSourceError when nothing useful can be loaded; single broken rows are not errors, they are
   * counted in the dataset's report. When `signal` aborts, its reason is thrown unchanged.
   */
  load(options?: LoadOptions): Promise<MarketDataset>;
  /**
   * The `content_sha256` that `load` would report, where it can be told without loading, so that unchanged content
   * need not be loaded again. Throws as `load` does.
   */
  contentSha256?(): Promise<string>;
}

/** Options of {@link MarketSource.load}. */
export interface LoadOptions {
  onProgress?: (progress: LoadProgress) => void;
  signal?: AbortSignal;
  /**
   * Whether this replaces what was loaded before, which is better than half of what is to come: a file has to be whole then, as far
   * as that can be told. @default false
   */
  isReplacement?: boolean;
}

/** How far a load has come. Steps follow each other; within a step `done` never decreases. */
export interface LoadProgress {
  /** `"reading"` counts stored bytes, `"downloading"` pools, `"simulating"` and `"checking"` markets. */
  step: string;
  done: number;
  /** Undefined while the end is not known. */
  total: number | undefined;
}

/** Everything one load brought, with its origin and an account of every row. */
export interface MarketDataset {
  /** The source's name. */
  source: string;
  simulated: boolean;
  /** When the load started, by the source's clock. */
  fetched_at: Date;
  /**
   * SHA-256, lower-case hex. For a file: of its bytes as stored (compressed or not). For the other sources:
   * of the canonical lines of the accepted observations, so equal content gives an equal hash.
   */
  content_sha256: string;
  /** Ascending by market id. */
  markets: MarketHistory[];
  report: ImportReport;
  /** The known columns that a file's header names; undefined for other sources. */
  columns?: readonly MarketFileColumn[];
  /** What the source itself has seen against some of its markets. @default nothing */
  doubts?: readonly MarketDoubt[];
}

/** Why what a feed says of a market may not be believed. */
export interface MarketDoubt {
  market: Omit<MarketDescription, "kind">;
  /**
   * - `no_history`: its history could not be had.
   * - `no_borrow_side`: what is borrowed from it could not be had, so that its utilization is unknown.
   * - `unconfirmed_jump`: its newest row is far from the one before, and the feed's own list does not show that.
   */
  cause: "no_history" | "no_borrow_side" | "unconfirmed_jump";
  /** In a sentence. */
  reason: string;
}

/** One market and its observations. */
export interface MarketHistory {
  market: MarketDescription;
  /** The moment of the newest observation. */
  readonly observed_until: Date;
  readonly observation_count: number;
  /**
   * Ascending by `observed_at`, which is distinct within a market. Never empty. Made anew whenever it is asked for, so that
   * a large data set takes little memory.
   */
  readonly observations: readonly MarketObservation[];
}

/**
 * A lending market supplies one asset to borrowers; a DEX market is a pool of two or more assets. `unknown` where neither can be told:
 * such a market has no risk score.
 */
export type MarketKind = "lending" | "dex" | "unknown";

/** A lending reserve or a DEX pool. Where a source renamed it over time, its latest name is given. */
export interface MarketDescription {
  /** As the source names it: a DefiLlama pool UUID, a chain-prefixed address, `simulated:…`. */
  id: string;
  /** Slug, `^[a-z0-9][a-z0-9-]{0,63}$`; see `protocolSlug`. */
  protocol: string;
  chain: string;
  symbol: string;
  /** See `marketKindOf`. */
  kind: MarketKind;
}

/** A market as a row of a source describes it. Its kind follows from all of its rows. */
export interface DescribedMarket extends Omit<MarketDescription, "kind"> {
  /** What the source itself says. @default nothing */
  kind?: MarketKind | undefined;
  /** Whether the source says that it is of one asset, or of several. @default by its symbol */
  exposure?: "single" | "multi" | undefined;
}

/** What was seen of one market at one moment. Null means that the source did not say. */
export interface MarketObservation {
  observed_at: Date;
  /** US dollars. For lending on DefiLlama: supplied minus borrowed. */
  tvl_usd: number | null;
  /** Percent a year, rewards included. */
  apy: number | null;
  /** Percent a year, from fees or interest. */
  apy_base: number | null;
  /** Percent a year, paid in incentive tokens. */
  apy_reward: number | null;
  /** Percent a year that borrowers pay. */
  apy_base_borrow: number | null;
  /** Borrowed over supplied, 0 to 1; null for a DEX. */
  utilization: number | null;
  frozen: boolean | null;
  paused: boolean | null;
  /** Empty when nothing is known against the observation; see {@link QualityFlag}. */
  quality: QualityFlag[];
}

/** Accounts for every row: `rows_read = rows_loaded + rows_rejected + duplicates`. */
export interface ImportReport {
  /** The version of the rules by which rows were read and judged. */
  reading: number;
  /** Data rows met; blank lines and the header do not count. */
  rows_read: number;
  rows_loaded: number;
  rows_rejected: number;
  /** The first 20 rejections. `line` is 1-based; for a download it is the position in the list of pools. */
  rejected: RejectedRow[];
  /** Rows whose market and moment had been read before; the first one is kept. */
  duplicates: number;
  /** How many of the duplicates say something else than the row that is kept. */
  duplicates_differing: number;
  /** The first 20 of these, in the order of their lines. */
  differing: RejectedRow[];
  /** How many loaded observations carry each flag. */
  flags: Record<QualityFlag, number>;
  /** The first 20 loaded rows with an impossible value, in the order of their lines. */
  impossible: RejectedRow[];
}

/** One row that was not loaded, or has a value that was not believed, and why. */
export interface RejectedRow {
  line: number;
  reason: string;
}

/** Tells the present moment. Injected so that tests and simulations decide what time it is. */
export type Clock = () => Date;
