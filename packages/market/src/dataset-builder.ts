import { createHash } from "node:crypto";
import { setImmediate } from "node:timers/promises";
import { CollectedMarkets } from "./collected-markets.ts";
import { readingVersion, refuseMarket, refuseMoment } from "./market-gate.ts";
import { addKindEvidence } from "./market-kind.ts";
import type {
  DescribedMarket,
  ImportReport,
  LoadOptions,
  MarketDescription,
  MarketHistory,
  MarketObservation,
  RejectedRow,
} from "./market-source.ts";
import { ObservationLog } from "./observation-log.ts";
import { emptyFlagCounts, flagObservations } from "./quality.ts";

/** How many rejections, and how many impossible values, a report spells out. */
const rowsShown = 20;
/** More than twice as many as DefiLlama has of all chains. Each takes 2 KB until it is stored. */
export const marketsMax = 50_000;
/** Markets that are sorted and checked before the event loop gets a turn. */
const marketsPerTurn = 50;

/**
 * Collects rows in any order and accounts for each of them. Every adapter builds its dataset through this, so that it is
 * the one gate into the store: whatever passes can be stored by either engine, and be true.
 */
export interface DatasetBuilder {
  /** Adds an observation, or counts it as rejected when it cannot be stored or cannot be true. */
  add(line: number, market: DescribedMarket, observation: MarketObservation): void;
  /** Counts a row that could not be read. */
  reject(line: number, reason: string): void;
  readonly rowsRead: number;
  /**
   * Sorts, drops what is there twice (the first counts) and what another chain's protocol of the same name has, flags and
   * counts. Lets the event loop breathe; throws the signal's reason when it aborts.
   */
  finish(options: LoadOptions): Promise<{ markets: MarketHistory[]; report: ImportReport }>;
}

/**
 * Creates an empty builder.
 *
 * @param fetchedAt when the load started: nothing later can have been observed
 */
export function createDatasetBuilder(fetchedAt: Date): DatasetBuilder {
  const collected = new CollectedMarkets();
  const log = new ObservationLog();
  const report: ImportReport = {
    reading: readingVersion,
    rows_read: 0,
    rows_loaded: 0,
    rows_rejected: 0,
    rejected: [],
    duplicates: 0,
    duplicates_differing: 0,
    differing: [],
    flags: emptyFlagCounts(),
    impossible: [],
  };

  function reject(line: number, reason: string): void {
    report.rows_read += 1;
    report.rows_rejected += 1;
    if (report.rejected.length < rowsShown) {
      report.rejected.push({ line, reason });
    }
  }

  function noteDuplicate(row: number, kept: number): void {
    report.duplicates += 1;
    const difference = log.findDifference(row, kept);
    if (difference === undefined) return;
    report.duplicates_differing += 1;
    const { name, value, other } = difference;
    const reason = `the market and moment of line ${log.line(kept)}, which counts: ${name} is ${value}, and ${other} there`;
    note(report.differing, { line: log.line(row), reason });
  }

  return {
    get rowsRead() {
      return report.rows_read;
    },

    add(line, market, observation) {
      const known = collected.find(market);
      // Most rows repeat what their market is called.
      const isDescribed = known !== undefined && isSameMarket(known.description, market);
      const { chain } = market;
      const reason =
        (isDescribed ? undefined : refuseMarket(market)) ??
        (known === undefined && collected.count >= marketsMax ? tooManyMarkets : undefined) ??
        refuseMoment(observation.observed_at, { chain, fetchedAt });
      if (reason !== undefined) {
        reject(line, reason);
        return;
      }
      report.rows_read += 1;
      const moment = observation.observed_at.getTime();
      const into = known ?? collected.begin(copyOf(market), line);
      into.rowCount += 1;
      addKindEvidence(into.evidence, observation);
      log.append(into.number, observation, line);
      if (moment > into.describedAt) {
        // Tokens get renamed; the latest name wins whatever order the rows come in.
        if (!isDescribed) into.description = copyOf(market);
        into.describedAt = moment;
      }
    },

    reject,

    async finish({ onProgress, signal }) {
      const markets: MarketHistory[] = [];
      const settled = collected.settle();
      for (const { line, reason, rowCount } of settled.refused) {
        report.rows_rejected += rowCount;
        note(report.rejected, { line, reason });
      }
      const numbers = settled.markets.map((market) => market.numbers);
      const groups = log.groupByMarket({ count: collected.count, numbers, onDuplicate: noteDuplicate });
      for (const [index, { description }] of settled.markets.entries()) {
        if (index % marketsPerTurn === 0) {
          await setImmediate();
          signal?.throwIfAborted();
          onProgress?.({ step: "checking", done: index, total: groups.length });
        }
        const { id } = description;
        const rows = groups[index] ?? new Uint32Array();
        report.rows_loaded += rows.length;
        const observations = log.toObservations(rows);
        flagObservations(observations, report.flags, (position, reason) => {
          const moment = observations[position]?.observed_at.toISOString();
          note(report.impossible, {
            line: log.line(rows[position] ?? 0),
            reason: `${id} at ${moment}: ${reason}`,
          });
        });
        log.setFlags(rows, observations);
        markets.push(lazyHistory(description, log, rows));
      }
      onProgress?.({ step: "checking", done: groups.length, total: groups.length });
      return { markets, report };
    },
  };
}

const tooManyMarkets = `pool is one more than the ${marketsMax} that are read`;

/** In a function of its own: a getter keeps alive whatever is in the scope that it was made in. */
function lazyHistory(market: MarketDescription, log: ObservationLog, rows: Uint32Array): MarketHistory {
  return {
    market,
    observed_until: log.moment(rows.at(-1) ?? 0),
    observation_count: rows.length,
    get observations() {
      return log.toObservations(rows);
    },
  };
}

/** A history of observations that are there already, ascending, distinct and not none. */
export function toMarketHistory(
  market: MarketDescription,
  observations: readonly MarketObservation[],
): MarketHistory {
  return {
    market,
    observations,
    observation_count: observations.length,
    observed_until: observations.at(-1)?.observed_at ?? new Date(0),
  };
}

/** Keeps the first rows by line, which are judged a market at a time. */
function note(rows: RejectedRow[], row: RejectedRow): void {
  const at = rows.findIndex(({ line }) => line > row.line);
  rows.splice(at < 0 ? rows.length : at, 0, row);
  if (rows.length > rowsShown) rows.pop();
}

function isSameMarket(left: DescribedMarket, right: DescribedMarket): boolean {
  return (
    left.symbol === right.symbol &&
    left.protocol === right.protocol &&
    left.chain === right.chain &&
    left.kind === right.kind &&
    left.exposure === right.exposure
  );
}

/** A cell is a slice of the text that it was read from, and keeps all of it in memory. */
function copyOf({ id, protocol, chain, symbol, kind, exposure }: DescribedMarket): DescribedMarket {
  return {
    id: copyText(id),
    protocol: copyText(protocol),
    chain: copyText(chain),
    symbol: copyText(symbol),
    kind,
    exposure,
  };
}

function copyText(text: string): string {
  return Buffer.from(text).toString();
}

/**
 * SHA-256 of the observations as canonical lines, for sources that are not a file. Quality flags are left out:
 * they follow from the rest.
 */
export function hashMarkets(markets: readonly MarketHistory[]): string {
  const hash = createHash("sha256");
  for (const { market, observations } of markets) {
    hash.update(
      `${JSON.stringify([market.id, market.protocol, market.chain, market.symbol, market.kind])}\n`,
    );
    for (const row of observations) {
      const values = [
        row.tvl_usd,
        row.apy,
        row.apy_base,
        row.apy_reward,
        row.apy_base_borrow,
        row.utilization,
      ];
      const state = [row.frozen, row.paused];
      hash.update(`${JSON.stringify([row.observed_at.toISOString(), ...values.map(String), ...state])}\n`);
    }
  }
  return hash.digest("hex");
}
