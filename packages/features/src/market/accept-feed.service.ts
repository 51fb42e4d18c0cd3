import type { DatabaseTransaction } from "@obsqra/db";
import { hashMarkets, type MarketDataset, MarketSourceError } from "@obsqra/market";
import {
  listKnownMarkets,
  listQuarantinedMarkets,
  type QuarantinedMarketRow,
  replaceQuarantinedMarkets,
} from "./feed-checks.queries.ts";
import { judgeFeed } from "./feed-checks.ts";
import type { MarketDependencies } from "./market.service.ts";

/**
 * Takes of a feed what can be believed, and keeps why the rest is left out.
 *
 * @throws MarketSourceError `IMPLAUSIBLE` when nothing of it is taken
 */
export async function acceptFeed(
  trx: DatabaseTransaction,
  { clock }: Pick<MarketDependencies, "clock">,
  loaded: MarketDataset,
): Promise<{ dataset: MarketDataset; quarantined: QuarantinedMarketRow[] }> {
  const { source } = loaded;
  const { refusal, quarantined: doubts } = judgeFeed(loaded, await listKnownMarkets(trx, source));
  if (refusal !== undefined) {
    throw new MarketSourceError("IMPLAUSIBLE", `What ${source} sent is not taken. ${refusal}`);
  }
  const before = new Map(
    (await listQuarantinedMarkets(trx, source)).map(({ market_id, since }) => [market_id, since]),
  );
  const quarantined = doubts.map(({ market, cause, reason }) => ({
    market_id: market.id,
    protocol: market.protocol,
    symbol: market.symbol,
    cause,
    reason,
    since: before.get(market.id) ?? clock(),
  }));
  if (quarantined.length > 0 || before.size > 0) await replaceQuarantinedMarkets(trx, source, quarantined);
  if (quarantined.length === 0) return { dataset: loaded, quarantined };
  const out = new Set(quarantined.map(({ market_id }) => market_id));
  const markets = loaded.markets.filter(({ market }) => !out.has(market.id));
  if (markets.length === 0) {
    throw new MarketSourceError(
      "IMPLAUSIBLE",
      `What ${source} sent is not taken. All of its markets are doubted.`,
    );
  }
  return { dataset: { ...loaded, markets, content_sha256: hashMarkets(markets) }, quarantined };
}
