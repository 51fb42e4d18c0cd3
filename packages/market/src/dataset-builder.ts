import { createHash } from "node:crypto";
import { setImmediate } from "node:timers/promises";
import { readingVersion, refuseMarket, refuseMoment } from "./market-gate.ts";
import type {
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
/** Markets that are sorted and checked before the event loop gets a turn. */
const marketsPerTurn = 50;

/**
 * Collects rows in any order and accounts for each of them. Every adapter builds its dataset through this, so that it is
 * the one gate into the store: whatever passes can be stored by either engine, and be true.
 */
export interface DatasetBuilder {
  /** Adds an observation, or counts it as rejected when it cannot be stored or cannot be true. */
  add(line: number, market: MarketDescription, observation: MarketObservation): void;
  /** Counts a row that could not be read. */
  reject(line: number, reason: string): void;
  readonly rowsRead: number;
  /**
   * Sorts, drops what is there twice (the first counts), flags and counts. Lets the event loop breathe; throws the signal's
   * reason when it aborts.
   */
  finish(options: LoadOptions): Promise<{ markets: MarketHistory[]; report: ImportReport }>;
}

interface CollectedMarket {
  description: MarketDescription;
  describedAt: number;
  /** By which the log knows it. */
  readonly number: number;
}

/**
 * Creates an empty builder.
 *
 * @param fetchedAt when the load started: nothing later can have been observed
 */
export function createDatasetBuilder(fetchedAt: Date): DatasetBuilder {
  const collected = new Map<string, CollectedMarket>();
  const log = new ObservationLog();
  const report: ImportReport = {
    reading: readingVersion,
    rows_read: 0,
    rows_loaded: 0,
    rows_rejected: 0,
    rejected: [],
    duplicates: 0,
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

  return {
    get rowsRead() {
      return report.rows_read;
    },

    add(line, market, observation) {
      const known = collected.get(market.id);
      // Most rows repeat what their market is called.
      const isDescribed = known !== undefined && isSameMarket(known.description, market);
      const { chain } = market;
      const reason =
        (isDescribed ? undefined : refuseMarket(market)) ??
        refuseMoment(observation.observed_at, { chain, fetchedAt });
      if (reason !== undefined) {
        reject(line, reason);
        return;
      }
      report.rows_read += 1;
      const moment = observation.observed_at.getTime();
      const into = known ?? { description: copyOf(market), describedAt: moment, number: collected.size };
      if (known === undefined) collected.set(into.description.id, into);
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
      const ids = [...collected.keys()].sort();
      const groups = log.groupByMarket(collected.size);
      for (const [index, id] of ids.entries()) {
        if (index % marketsPerTurn === 0) {
          await setImmediate();
          signal?.throwIfAborted();
          onProgress?.({ step: "checking", done: index, total: ids.length });
        }
        const market = collected.get(id);
        if (market === undefined) {
          continue;
        }
        const { description, number } = market;
        const rows = groups[number] ?? new Uint32Array();
        report.rows_loaded += rows.length;
        const observations = log.toObservations(rows);
        flagObservations(observations, report.flags, (position, reason) => {
          const moment = observations[position]?.observed_at.toISOString();
          report.impossible.push({
            line: log.line(rows[position] ?? 0),
            reason: `${id} at ${moment}: ${reason}`,
          });
        });
        log.setFlags(rows, observations);
        report.impossible = firstRows(report.impossible);
        markets.push(lazyHistory(description, log, rows));
      }
      report.duplicates = report.rows_read - report.rows_rejected - report.rows_loaded;
      onProgress?.({ step: "checking", done: ids.length, total: ids.length });
      return { markets, report };
    },
  };
}

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

/** Rows are judged a market at a time; a report has the first by line. */
function firstRows(rows: readonly RejectedRow[]): RejectedRow[] {
  return rows.toSorted((left, right) => left.line - right.line).slice(0, rowsShown);
}

function isSameMarket(left: MarketDescription, right: MarketDescription): boolean {
  return (
    left.symbol === right.symbol &&
    left.protocol === right.protocol &&
    left.chain === right.chain &&
    left.kind === right.kind
  );
}

/** A cell is a slice of the text that it was read from, and keeps all of it in memory. */
function copyOf({ id, protocol, chain, symbol, kind }: MarketDescription): MarketDescription {
  return {
    id: copyText(id),
    protocol: copyText(protocol),
    chain: copyText(chain),
    symbol: copyText(symbol),
    kind,
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
