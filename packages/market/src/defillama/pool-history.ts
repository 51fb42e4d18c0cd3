import type { z } from "zod";
import { MarketSourceError } from "../errors.ts";
import type { MarketDescription, MarketKind, MarketObservation } from "../market-source.ts";
import { marketKindOfProject, protocolSlug } from "../protocol-slug.ts";
import type { DefiLlamaChartRow, DefiLlamaLendBorrowRow, DefiLlamaPool } from "./defillama-schema.ts";
import { chartEnvelope, chartRow, lendBorrowRow } from "./defillama-schema.ts";
import type { JsonClient } from "./http-json.ts";

/** What the charts of one pool gave. */
interface PoolHistory {
  market: MarketDescription;
  observations: MarketObservation[];
  /** One reason per row that does not fit the schema, or one for the whole chart. */
  rejections: string[];
  /** Set when the chart could not be had at all. */
  error: MarketSourceError | undefined;
}

/** Reads the history of one pool. Throws only what is not the service's fault, such as an abort. */
export type PoolHistoryReader = (
  pool: DefiLlamaPool,
  signal: AbortSignal | undefined,
) => Promise<PoolHistory>;

/** Describes a pool as a market. A single-asset pool of an unknown project counts as lending: no price pair. */
function marketOfPool(pool: DefiLlamaPool): MarketDescription {
  const kind: MarketKind = pool.exposure === "single" ? "lending" : marketKindOfProject(pool.project);
  return {
    id: pool.pool,
    protocol: protocolSlug(pool.project) ?? "unknown",
    chain: pool.chain,
    symbol: pool.symbol,
    kind,
  };
}

/**
 * Creates a reader. The borrow side is asked for lending markets only, and no more once the service has refused
 * it: not every deployment of the API offers it.
 */
export function createPoolHistoryReader(
  client: JsonClient,
  { baseUrl }: { baseUrl: string },
): PoolHistoryReader {
  let isBorrowSideRefused = false;

  async function readBorrowSide(id: string, signal: AbortSignal | undefined) {
    const byMoment = new Map<number, DefiLlamaLendBorrowRow>();
    if (isBorrowSideRefused) {
      return byMoment;
    }
    try {
      const url = `${baseUrl}/chartLendBorrow/${encodeURIComponent(id)}`;
      const { rows } = parseChart(await client.get(url, signal), lendBorrowRow);
      for (const row of rows) {
        byMoment.set(Date.parse(row.timestamp), row);
      }
    } catch (error) {
      if (!(error instanceof MarketSourceError)) {
        throw error;
      }
      isBorrowSideRefused = true;
    }
    return byMoment;
  }

  return async (pool, signal) => {
    const market = marketOfPool(pool);
    try {
      const url = `${baseUrl}/chart/${encodeURIComponent(pool.pool)}`;
      const { rows, rejections } = parseChart(await client.get(url, signal), chartRow);
      const borrowSide =
        market.kind === "lending" && rows.length > 0 ? await readBorrowSide(pool.pool, signal) : undefined;
      const observations = rows.map((row) => toObservation(row, borrowSide?.get(Date.parse(row.timestamp))));
      return { market, observations, rejections, error: undefined };
    } catch (error) {
      if (!(error instanceof MarketSourceError)) {
        throw error;
      }
      return { market, observations: [], rejections: [`pool ${pool.pool}: ${error.message}`], error };
    }
  };
}

/** @throws MarketSourceError `BAD_RESPONSE` when the envelope is not a chart's. */
function parseChart<TRow>(json: unknown, row: z.ZodType<TRow>): { rows: TRow[]; rejections: string[] } {
  const envelope = chartEnvelope.safeParse(json);
  if (!envelope.success) {
    throw new MarketSourceError("BAD_RESPONSE", "The response is not a chart: it has no list named data.", {
      cause: envelope.error,
    });
  }
  const rows: TRow[] = [];
  const rejections: string[] = [];
  for (const [index, candidate] of envelope.data.data.entries()) {
    const parsed = row.safeParse(candidate);
    if (parsed.success) {
      rows.push(parsed.data);
    } else {
      const fields = parsed.error.issues.map((issue) => issue.path.join(".") || "row").join(", ");
      rejections.push(`chart row ${index + 1} has an unexpected ${fields}`);
    }
  }
  return { rows, rejections };
}

function toObservation(
  row: DefiLlamaChartRow,
  borrowSide: DefiLlamaLendBorrowRow | undefined,
): MarketObservation {
  const apyBase = row.apyBase ?? null;
  const apyReward = row.apyReward ?? null;
  const supplied = borrowSide?.totalSupplyUsd ?? null;
  const borrowed = borrowSide?.totalBorrowUsd ?? null;
  return {
    observed_at: new Date(row.timestamp),
    tvl_usd: row.tvlUsd ?? null,
    apy: row.apy ?? (apyBase === null ? null : apyBase + (apyReward ?? 0)),
    apy_base: apyBase,
    apy_reward: apyReward,
    apy_base_borrow: borrowSide?.apyBaseBorrow ?? null,
    utilization: supplied !== null && supplied > 0 && borrowed !== null ? borrowed / supplied : null,
    frozen: null,
    paused: null,
    quality: [],
  };
}
