import { createDatasetBuilder, hashMarkets } from "../dataset-builder.ts";
import type { Clock, LoadOptions, MarketDataset, MarketSource } from "../market-source.ts";
import { simulateMarket } from "./simulate-market.ts";
import { simulatedMarkets } from "./simulated-markets.ts";

/** Options of {@link createSimulatedSource}. */
export interface SimulatedSourceOptions {
  /** The same seed gives the same history. */
  seed: number | string;
  clock: Clock;
  /** Days of history per market, the last one included. @default 420 */
  days?: number;
}

const dayMs = 86_400_000;

/**
 * Invented, plausible history for Nostra, Ekubo, Vesu and zkLend on Starknet, one observation per UTC midnight,
 * ending with the clock's latest one. Every market id starts with `simulated:`. zkLend's history ends on
 * 2025-02-12, the day it was exploited, and then is as long as the others'. A day's values depend on the seed,
 * the market and the day alone: a load on the next day adds a day and changes none.
 */
export function createSimulatedSource({ seed, clock, days = 420 }: SimulatedSourceOptions): MarketSource {
  return {
    name: "simulated",
    simulated: true,
    async load(options: LoadOptions = {}): Promise<MarketDataset> {
      const { onProgress, signal } = options;
      signal?.throwIfAborted();
      const fetchedAt = clock();
      const today = Math.floor(fetchedAt.getTime() / dayMs);
      const builder = createDatasetBuilder(fetchedAt);
      for (const [index, spec] of simulatedMarkets.entries()) {
        onProgress?.({ step: "simulating", done: index, total: simulatedMarkets.length });
        const finalDay = spec.lastDay === undefined ? today : Date.parse(spec.lastDay) / dayMs;
        const lastDay = Math.min(today, finalDay);
        const window = { firstDay: lastDay - days + 1, lastDay };
        for (const observation of simulateMarket(spec, window, String(seed))) {
          builder.add(index + 1, spec.market, observation);
        }
      }
      onProgress?.({ step: "simulating", done: simulatedMarkets.length, total: simulatedMarkets.length });
      const { markets, report } = await builder.finish(options);
      return {
        source: "simulated",
        simulated: true,
        fetched_at: fetchedAt,
        content_sha256: hashMarkets(markets),
        markets,
        report,
      };
    },
  };
}
