import type { z } from "zod";
import { MarketSourceError } from "../errors.ts";
import { exposureOf, hasSeveralAssets, kindOfCategory } from "../market-kind.ts";
import type { DescribedMarket, MarketDoubt, MarketObservation } from "../market-source.ts";
import { protocolSlug } from "../protocol-slug.ts";
import { showText } from "../show-text.ts";
import type { DefiLlamaChartRow, DefiLlamaLendBorrowRow, DefiLlamaPool } from "./defillama-schema.ts";
import { chartEnvelope, chartRow, lendBorrowRow } from "./defillama-schema.ts";
import { findUnconfirmedJump } from "./find-unconfirmed-jump.ts";
import type { JsonClient } from "./http-json.ts";

/** What the charts of one pool gave. */
export interface PoolHistory {
  market: DescribedMarket;
  observations: MarketObservation[];
  /** One reason per row that does not fit the schema, or one for the whole chart. */
  rejections: string[];
  /** Set when the chart could not be had at all. */
  error: MarketSourceError | undefined;
  doubts: MarketDoubt[];
}

/** Reads the history of one pool. Throws only what is not the service's fault, such as an abort. */
export type PoolHistoryReader = (
  pool: DefiLlamaPool,
  signal: AbortSignal | undefined,
) => Promise<PoolHistory>;

/** Describes a pool as a market, by the list of pools. */
function marketOfPool(pool: DefiLlamaPool): DescribedMarket {
  return {
    id: pool.pool,
    protocol: protocolSlug(pool.project) ?? "unknown",
    chain: pool.chain,
    symbol: pool.symbol,
    kind: kindOfCategory(pool.category ?? ""),
    exposure: exposureOf(pool.exposure),
  };
}

/** Whether something may be borrowed from it: it is not said to be a pool, or to have several assets. */
function mayLend(market: DescribedMarket): boolean {
  return market.kind === undefined ? !hasSeveralAssets(market) : market.kind === "lending";
}

/** Five years of days have less than one MiB; four at a time may not fill the memory. */
const chartBytesMax = 8 * 1024 * 1024;

/** Pools in a row without a borrow side after which none is asked for: not every deployment of the API offers it. */
const borrowSideFailuresMax = 3;

/** What the borrow side of a pool gave. */
interface BorrowSide {
  readonly rows: ReadonlyMap<number, DefiLlamaLendBorrowRow>;
  /** Why there is nothing. */
  readonly problem: string | undefined;
}

/**
 * Creates a reader. The borrow side is asked for where something may be borrowed, and no more in this load after several pools in a row had
 * none. Each market that goes without is doubted for it.
 */
export function createPoolHistoryReader(
  client: JsonClient,
  { baseUrl }: { baseUrl: string },
): PoolHistoryReader {
  let failuresInARow = 0;

  async function readBorrowSide(id: string, signal: AbortSignal | undefined): Promise<BorrowSide> {
    if (failuresInARow >= borrowSideFailuresMax) {
      return {
        rows: new Map(),
        problem: `not asked for, after ${borrowSideFailuresMax} pools in a row had none`,
      };
    }
    try {
      const url = `${baseUrl}/chartLendBorrow/${encodeURIComponent(id)}`;
      const { rows } = parseChart(await client.get(url, { bytesMax: chartBytesMax, signal }), lendBorrowRow);
      failuresInARow = 0;
      return { rows: new Map(rows.map((row) => [Date.parse(row.timestamp), row])), problem: undefined };
    } catch (error) {
      if (!(error instanceof MarketSourceError)) {
        throw error;
      }
      failuresInARow += 1;
      return { rows: new Map(), problem: error.message };
    }
  }

  return async (pool, signal) => {
    const listed = marketOfPool(pool);
    try {
      const url = `${baseUrl}/chart/${encodeURIComponent(pool.pool)}`;
      const { rows, rejections } = parseChart(
        await client.get(url, { bytesMax: chartBytesMax, signal }),
        chartRow,
      );
      const borrowSide =
        mayLend(listed) && rows.length > 0 ? await readBorrowSide(pool.pool, signal) : undefined;
      const market = hasSupply(borrowSide) ? { ...listed, kind: "lending" as const } : listed;
      const observations = rows.map((row) =>
        toObservation(row, borrowSide?.rows.get(Date.parse(row.timestamp))),
      );
      const doubts: MarketDoubt[] = [];
      if (borrowSide?.problem !== undefined) {
        doubts.push({ market, cause: "no_borrow_side", reason: `Its borrow side: ${borrowSide.problem}` });
      }
      const jump = findUnconfirmedJump(observations, pool);
      if (jump !== undefined) doubts.push({ market, cause: "unconfirmed_jump", reason: jump });
      return { market, observations, rejections, error: undefined, doubts };
    } catch (error) {
      if (!(error instanceof MarketSourceError)) {
        throw error;
      }
      return {
        market: listed,
        observations: [],
        rejections: [`pool ${showText(pool.pool)}: ${error.message}`],
        error,
        doubts: [{ market: listed, cause: "no_history", reason: error.message }],
      };
    }
  };
}

/** Whether DefiLlama says what is supplied to be borrowed, be it that nobody does: of other pools it says nothing. */
function hasSupply(borrowSide: BorrowSide | undefined): boolean {
  return [...(borrowSide?.rows.values() ?? [])].some(({ totalSupplyUsd }) => (totalSupplyUsd ?? 0) > 0);
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
