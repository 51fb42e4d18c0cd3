import { createHash } from "node:crypto";
import { setImmediate } from "node:timers/promises";
import type {
  ImportReport,
  LoadOptions,
  MarketDescription,
  MarketHistory,
  MarketObservation,
} from "./market-source.ts";
import { emptyFlagCounts, flagObservations } from "./quality.ts";

/** How many rejections a report spells out. */
const rejectedShown = 20;
/** Markets that are sorted and checked before the event loop gets a turn. */
const marketsPerTurn = 50;

/** Collects rows in any order and accounts for each of them. Every adapter builds its dataset through this. */
export interface DatasetBuilder {
  /** Adds an observation, or counts it as a duplicate when this market has one of the same moment. */
  add(market: MarketDescription, observation: MarketObservation): void;
  /** Counts a row that could not be read. */
  reject(line: number, reason: string): void;
  readonly rowsRead: number;
  /** Sorts, flags and counts. Lets the event loop breathe; throws the signal's reason when it aborts. */
  finish(options: LoadOptions): Promise<{ markets: MarketHistory[]; report: ImportReport }>;
}

interface CollectedMarket {
  description: MarketDescription;
  describedAt: number;
  byMoment: Map<number, MarketObservation>;
}

/** Creates an empty builder. */
export function createDatasetBuilder(): DatasetBuilder {
  const collected = new Map<string, CollectedMarket>();
  const report: ImportReport = {
    rows_read: 0,
    rows_loaded: 0,
    rows_rejected: 0,
    rejected: [],
    duplicates: 0,
    flags: emptyFlagCounts(),
  };

  return {
    get rowsRead() {
      return report.rows_read;
    },

    add(market, observation) {
      report.rows_read += 1;
      const moment = observation.observed_at.getTime();
      let known = collected.get(market.id);
      if (known === undefined) {
        known = { description: market, describedAt: moment, byMoment: new Map() };
        collected.set(market.id, known);
      }
      if (known.byMoment.has(moment)) {
        report.duplicates += 1;
        return;
      }
      known.byMoment.set(moment, observation);
      report.rows_loaded += 1;
      if (moment > known.describedAt) {
        // Tokens get renamed; the latest name wins whatever order the rows come in.
        known.description = market;
        known.describedAt = moment;
      }
    },

    reject(line, reason) {
      report.rows_read += 1;
      report.rows_rejected += 1;
      if (report.rejected.length < rejectedShown) {
        report.rejected.push({ line, reason });
      }
    },

    async finish({ onProgress, signal }) {
      const markets: MarketHistory[] = [];
      const ids = [...collected.keys()].sort();
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
        const observations = [...market.byMoment.values()].sort(
          (left, right) => left.observed_at.getTime() - right.observed_at.getTime(),
        );
        flagObservations(observations, report.flags);
        markets.push({ market: market.description, observations });
      }
      onProgress?.({ step: "checking", done: ids.length, total: ids.length });
      return { markets, report };
    },
  };
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
