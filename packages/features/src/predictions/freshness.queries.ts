import type { Database } from "@obsqra/db";
import { sql } from "kysely";
import { readRow } from "../market/served-data.fragments.ts";

/** What is served, as far as its age is concerned. */
export interface ServedState {
  /** The newest observation; null before the first import. */
  readonly observed_until: Date | null;
  /** Of the two live models, how many forecast this horizon. */
  readonly live_models: number;
}

export async function findServedState(
  db: Database,
  { source, horizonDays }: { readonly source: string; readonly horizonDays: number },
): Promise<ServedState> {
  return readRow(
    db,
    sql<ServedState>`select
      (select observed_until from market_imports where source = ${source} order by sequence desc limit 1) as observed_until,
      (
        select count(*)::integer from (values ('risk'), ('yield')) as kinds (kind) cross join lateral (
          select models.horizon_days
          from model_promotions as promotion join models on models.version = promotion.version
          where promotion.kind = kinds.kind and promotion.source = ${source}
          order by promotion.sequence desc limit 1
        ) as live where live.horizon_days = ${horizonDays}
      ) as live_models`,
  );
}
