import type { Database } from "@obsqra/db";
import { sql } from "kysely";
import {
  type DroppedMarket,
  droppedMarketsColumn,
  readRow,
  type SourceNow,
} from "../../market/served-data.fragments.ts";
import { liveModel } from "../models/models.queries.ts";

/** What is served, as far as its age is concerned. */
export interface ServedState {
  /** The newest observation; null before the first import. */
  readonly observed_until: Date | null;
  /** Of which kinds a live model forecasts this horizon. */
  readonly live_kinds: readonly string[];
  /** Why the source is not loaded, and since when. */
  readonly failure: { readonly code: string; readonly since: string } | null;
  /** Of which markets nothing is taken for now. */
  readonly quarantined: readonly QuarantinedMarket[];
  readonly dropped: readonly DroppedMarket[];
}

/** A market of which nothing is taken for now. */
export interface QuarantinedMarket {
  readonly market_id: string;
  readonly protocol: string;
  readonly symbol: string;
  readonly cause: string;
  readonly since: string;
}

export async function findServedState(
  db: Database,
  { source, now, horizonDays }: SourceNow & { readonly horizonDays: number },
): Promise<ServedState> {
  return readRow(
    db,
    sql<ServedState>`select
      (select observed_until from market_imports where source = ${source} order by sequence desc limit 1) as observed_until,
      (
        select coalesce(json_agg(kinds.kind), '[]') from (values ('risk'), ('yield')) as kinds (kind) cross join lateral (
          ${liveModel({ kind: sql<"risk" | "yield">`kinds.kind`, source, now })}
        ) as live where live.horizon_days = ${horizonDays}
      ) as live_kinds,
      (
        select json_build_object('code', code, 'since', since) from market_feed_failures where source = ${source}
      ) as failure,
      (
        select coalesce(json_agg(json_build_object('market_id', market_id, 'protocol', protocol, 'symbol', symbol,
          'cause', cause, 'since', since) order by market_id), '[]')
        from quarantined_markets where source = ${source}
      ) as quarantined,
      ${droppedMarketsColumn(source)}`,
  );
}
