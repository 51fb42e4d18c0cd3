import { createDefiLlamaSource } from "./defillama/defillama-source.ts";
import { MarketSourceError } from "./errors.ts";
import { createFileSource } from "./file/file-source.ts";
import type { Clock, MarketSource } from "./market-source.ts";
import { createSimulatedSource } from "./simulated/simulated-source.ts";

/** Which source to use, as an operator states it. */
export interface MarketSourceSettings {
  /** Undefined: DefiLlama when it is reachable, else simulated. */
  source?: "file" | "defillama" | "simulated" | undefined;
  /** Needed when `source` is `"file"`. */
  filePath?: string | undefined;
  /** @default "https://yields.llama.fi" */
  defillamaUrl?: string | undefined;
}

/** What the sources need from the outside. */
export interface MarketSourceDependencies {
  clock: Clock;
  fetch: typeof fetch;
  /** @default Math.random */
  random?: (() => number) | undefined;
  /** @default setTimeout */
  sleep?: ((ms: number, signal?: AbortSignal) => Promise<void>) | undefined;
  /** Ends the reachability probe. */
  signal?: AbortSignal | undefined;
}

/** A source, and one sentence on why it was chosen, for logs and pages. */
export interface MarketSourceChoice {
  source: MarketSource;
  reason: string;
}

/**
 * Chooses and creates the market source. Without a stated source it asks DefiLlama once (3 seconds at most) and
 * falls back to the simulation.
 *
 * @throws MarketSourceError `SETTINGS_INVALID` when `file` is asked for without a path.
 */
export async function createMarketSource(
  settings: MarketSourceSettings,
  dependencies: MarketSourceDependencies,
): Promise<MarketSourceChoice> {
  const { clock, fetch, random, sleep, signal } = dependencies;
  const createLive = () =>
    createDefiLlamaSource({
      fetch,
      clock,
      ...(random === undefined ? {} : { random }),
      ...(sleep === undefined ? {} : { sleep }),
      ...(settings.defillamaUrl === undefined ? {} : { baseUrl: settings.defillamaUrl }),
    });
  const createSimulated = () => createSimulatedSource({ seed: 1, clock });

  switch (settings.source) {
    case "file": {
      if (settings.filePath === undefined || settings.filePath === "") {
        throw new MarketSourceError(
          "SETTINGS_INVALID",
          "The market source is set to a file, but no path is given. Give the path, or choose another source.",
        );
      }
      const source = createFileSource({ path: settings.filePath, clock, sleep });
      return { source, reason: "A market data file is configured." };
    }
    case "defillama":
      return { source: createLive(), reason: "DefiLlama is configured." };
    case "simulated":
      return { source: createSimulated(), reason: "Simulated market data is configured." };
    case undefined: {
      const live = createLive();
      if (await live.isReachable(signal)) {
        return { source: live, reason: "No source is configured and DefiLlama is reachable." };
      }
      signal?.throwIfAborted();
      return {
        source: createSimulated(),
        reason: "No source is configured and DefiLlama is not reachable, so market data is simulated.",
      };
    }
  }
}
