import { z } from "zod";

/*
 * The shapes of https://yields.llama.fi, as its server publishes them
 * (github.com/DefiLlama/yield-server, src/api/controllers/yield.js). Unknown fields are ignored. Charts hold one
 * row per UTC day, the day's last one.
 */

/** `GET /pools`: the envelope. Pools are checked one by one, so that one odd pool does not spoil 20,000. */
export const poolsEnvelope = z.object({ data: z.array(z.unknown()) });

const amount = z.number().nullish();

/** One pool of `GET /pools`, as far as we use it. */
export const pool = z.object({
  pool: z.string().min(1).max(200),
  chain: z.string().min(1),
  project: z.string().min(1),
  symbol: z.string().min(1),
  /** `single` for a lending reserve or a staked token, `multi` for a pool of several. */
  exposure: z.string().nullish(),
  /** Such as `Lending` or `Dexs`. The public list has none; lists that are made from it, and mirrors, may. */
  category: z.string().nullish(),
  /** Now, in US dollars. */
  tvlUsd: amount,
  /** Now, in percent. */
  apy: amount,
});
export type DefiLlamaPool = z.infer<typeof pool>;

/** `GET /chart/{pool}` and `GET /chartLendBorrow/{pool}`: the envelope. */
export const chartEnvelope = z.object({ data: z.array(z.unknown()) });

const timestamp = z.iso.datetime({ offset: true });

/** One row of `GET /chart/{pool}`. APYs in percent. */
export const chartRow = z.object({
  timestamp,
  tvlUsd: amount,
  apy: amount,
  apyBase: amount,
  apyReward: amount,
});
export type DefiLlamaChartRow = z.infer<typeof chartRow>;

/** One row of `GET /chartLendBorrow/{pool}`. Amounts in US dollars, APYs in percent. */
export const lendBorrowRow = z.object({
  timestamp,
  totalSupplyUsd: amount,
  totalBorrowUsd: amount,
  apyBaseBorrow: amount,
});
export type DefiLlamaLendBorrowRow = z.infer<typeof lendBorrowRow>;
