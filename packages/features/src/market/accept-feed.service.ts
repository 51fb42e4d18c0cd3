import type { Database, DatabaseTransaction } from "@obsqra/db";
import { hashMarkets, type MarketDataset, MarketSourceError } from "@obsqra/market";
import {
  listKnownMarkets,
  listQuarantinedMarkets,
  type QuarantinedMarketRow,
  replaceQuarantinedMarkets,
  takeFeedAcceptance,
  upsertFeedAcceptance,
} from "./feed-checks.queries.ts";
import { type DoubtedValue, type FeedVerdict, judgeFeed } from "./feed-checks.ts";
import type { MarketImportRow } from "./market.queries.ts";
import { isMarketFile, type MarketDependencies } from "./market.service.ts";

/** What a load is judged in. */
export interface AcceptOptions extends Pick<MarketDependencies, "clock"> {
  /** The import before; undefined when nothing is stored of the source. */
  readonly latest: MarketImportRow | undefined;
}

/** What is taken of a load. */
interface AcceptedFeed {
  readonly dataset: MarketDataset;
  readonly quarantined: readonly QuarantinedMarketRow[];
  readonly doubted: readonly DoubtedValue[];
}

/**
 * Takes of a feed or a file what can be believed, and keeps why the rest is left out. The first content of a file is what its operator
 * has chosen; and what an operator accepts is not judged, once.
 *
 * @throws MarketSourceError `IMPLAUSIBLE` when nothing of it is taken
 */
export async function acceptFeed(
  trx: DatabaseTransaction,
  loaded: MarketDataset,
  { clock, latest }: AcceptOptions,
): Promise<AcceptedFeed> {
  const { source } = loaded;
  const isAccepted = await takeFeedAcceptance(trx, source);
  const {
    refusal,
    quarantined: doubts,
    doubted,
  } = isAccepted ? trustFeed(loaded) : await judgeBesideStored(trx, loaded, latest);
  if (refusal !== undefined) throw refuse(source, refusal);
  // It is taken or refused as a whole.
  if (isMarketFile(source)) return { dataset: loaded, quarantined: [], doubted };
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
  if (quarantined.length === 0) return { dataset: loaded, quarantined, doubted };
  const out = new Set(quarantined.map(({ market_id }) => market_id));
  const markets = loaded.markets.filter(({ market }) => !out.has(market.id));
  if (markets.length === 0) throw refuse(source, "All of its markets are doubted.");
  return { dataset: { ...loaded, markets, content_sha256: hashMarkets(markets) }, quarantined, doubted };
}

/**
 * Has what a source has taken as it is, though it would be refused or some of its markets left out: the next time that it is loaded, and
 * not again. Where nothing new is found then, nothing is left of it.
 */
export async function acceptNextLoad(
  { db, clock }: { readonly db: Database; readonly clock: () => Date },
  source: string,
): Promise<void> {
  await upsertFeedAcceptance(db, source, clock());
}

async function judgeBesideStored(
  trx: DatabaseTransaction,
  loaded: MarketDataset,
  latest: MarketImportRow | undefined,
): Promise<FeedVerdict> {
  const { source, content_sha256, fetched_at } = loaded;
  const isFile = isMarketFile(source);
  // The same file, of which a day is over by now, or which is read by other rules, has been taken already.
  if (isFile && (latest === undefined || latest.content_sha256 === content_sha256)) return trustFeed(loaded);
  const known = await listKnownMarkets(trx, { source, until: fetched_at });
  return judgeFeed(loaded, { known, earlierFile: isFile ? latest : undefined });
}

/** Everything but the markets of which there is nothing. */
function trustFeed({ markets, doubts = [] }: MarketDataset): FeedVerdict {
  const brought = new Set(markets.map(({ market }) => market.id));
  const quarantined = doubts.filter(({ market }) => !brought.has(market.id));
  return { refusal: undefined, quarantined, doubted: [] };
}

function refuse(source: string, refusal: string): MarketSourceError {
  const otherwise = isMarketFile(source) ? ", or give the file another name" : "";
  return new MarketSourceError(
    "IMPLAUSIBLE",
    `What ${source} has is not taken. ${refusal} If that is right, have it taken: pnpm refresh --accept${otherwise}.`,
  );
}
