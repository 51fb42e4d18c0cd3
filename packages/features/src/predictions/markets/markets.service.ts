import type { Market, Markets, MarketsInput } from "@obsqra/contract";
import { markets } from "@obsqra/contract";
import { assetsOfSymbol, isStable } from "@obsqra/ml";
import { cutToBytes, nameInKey, readCursor, rowsToRead, toPage } from "@obsqra/platform";
import { z } from "zod";
import { type CachedResponseDependencies, respondFromCache } from "../../market/cached-response.service.ts";
import { toDataSource } from "../../market/market.service.ts";
import { refuseUnknownFilter } from "../../market/protocols.service.ts";
import { expireWith } from "../forecasts/expiry.ts";
import type { ModelsDependencies } from "../models/models.service.ts";
import { type ExpectedFigureRow, listMarketStandings, type MarketStandingRow } from "./markets.queries.ts";

const pageKey = z.tuple([nameInKey, nameInKey]);

/** The names of its fields alone take more. */
const rowBytesMin = 400;

/**
 * Every market as it stands, with the newest forecasts of it.
 *
 * @throws AppError PROTOCOL_UNKNOWN, CURSOR_INVALID
 */
export async function getMarkets(
  deps: CachedResponseDependencies & ModelsDependencies,
  input: MarketsInput,
): Promise<Markets> {
  const response = { name: "markets", input, schema: markets };
  const { newest_day, ...page } = await respondFromCache(
    deps,
    { ...response, schema: markets.extend({ newest_day: z.string().nullable() }) },
    () => computeMarkets(deps, input),
  );
  if (newest_day === null) return page;
  // Not kept: forecasts of a feed run out while the data stays the same.
  const expire = expireWith(deps, new Date(newest_day));
  return { ...page, items: page.items.map((market) => withAge(market, expire)) };
}

/** Marks the forecasts that nobody should count on: those that have run out, and all of a protocol that is not active. */
function withAge(market: Market, expire: ReturnType<typeof expireWith>): Market {
  const mark = (figure: Market["expected_apy"]): Market["expected_apy"] => {
    if (figure === null) return null;
    const { stale, ...others } = expire(figure);
    return { ...others, stale: stale || market.status !== "active" };
  };
  const expectedRisk = mark(market.expected_risk);
  return {
    ...market,
    expected_apy: mark(market.expected_apy),
    expected_risk: expectedRisk,
    illiquidity_probability: expectedRisk?.stale === true ? null : market.illiquidity_probability,
  };
}

async function computeMarkets({ db, clock, marketSource }: ModelsDependencies, input: MarketsInput) {
  const view = { list: "markets", owner_id: undefined, input };
  const after = readCursor(view, pageKey);
  const limit = rowsToRead(input.limit, rowBytesMin);
  const { served_import, known_protocols, items } = await listMarketStandings(db, {
    source: marketSource,
    now: clock(),
    protocol: input.protocol,
    market_id: input.market_id,
    limit,
    after: after && { protocol: after[0], market_id: after[1] },
  });
  refuseUnknownFilter(input.protocol, known_protocols);
  const found = cutToBytes(items.map(toMarket), limit);
  const page = toPage(view, found, ({ protocol, market_id }) => [protocol, market_id]);
  return {
    data_source: toDataSource(marketSource, served_import),
    ...page,
    newest_day: served_import?.newest_day ?? null,
  };
}

function toMarket({
  risk,
  yield: expectedYield,
  recent_apy,
  unknown_inputs,
  ...row
}: MarketStandingRow): Market {
  const assets = assetsOfSymbol(row.symbol);
  return {
    ...row,
    assets,
    stable: isStable(assets),
    as_of: new Date(row.as_of).toISOString(),
    recent_apy: [...recent_apy],
    unknown_inputs: [...unknown_inputs],
    expected_apy: toExpected(expectedYield),
    expected_risk: toExpected(risk),
    illiquidity_probability: risk?.illiquidity_probability ?? null,
  };
}

function toExpected(row: ExpectedFigureRow | null): Market["expected_apy"] {
  if (row === null) return null;
  const { illiquidity_probability: _, ...figure } = row;
  return { ...figure, target_at: new Date(figure.target_at).toISOString() };
}
