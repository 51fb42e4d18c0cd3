import type { Database, DatabaseTransaction } from "@obsqra/db";
import type { RetentionBatch } from "@obsqra/platform";
import { sql } from "kysely";
import { lockAllModels } from "./models/models.queries.ts";

/**
 * Drops the files of models that were last decided about before then, have never been live and have forecast nothing. Their
 * rows stay: decisions refer to them.
 */
export async function dropChallengerFiles(db: Database, { before, limit }: RetentionBatch): Promise<number> {
  return whileNoneDecides(db, async (trx) => {
    const result = await sql`
      update models set artefact = null where version in (
        select version from models
        where artefact is not null and created_at <= ${before}
          and not exists (select 1 from model_promotions as promotion where promotion.version = models.version)
          and not exists (
            select 1 from model_decisions as decision
            where models.version in (decision.challenger_version, decision.champion_version)
              and decision.decided_at > ${before})
          and not exists (
            select 1 from predictions as forecast
            where forecast.kind = models.kind and forecast.model_version = models.version)
        limit ${limit})`.execute(trx);
    return Number(result.numAffectedRows ?? 0);
  });
}

/**
 * Deletes forecasts that are not on record, made before then, where the same model has made a newer one of the same market or
 * protocol, or is not live any more. The newest ones of live models are served, so they stay.
 */
export async function deleteUnrecordedForecasts(
  db: Database,
  { before, limit }: RetentionBatch,
): Promise<number> {
  return whileNoneDecides(db, async (trx) => {
    const result = await sql`
    delete from predictions where id in (
      select forecast.id from predictions as forecast
      where not forecast.on_record and forecast.created_at <= ${before}
        and (
          forecast.model_version is distinct from (
            select promotion.version from model_promotions as promotion
            where promotion.kind = forecast.kind and promotion.source = forecast.source
            order by promotion.sequence desc limit 1)
          or exists (
            select 1 from predictions as newer
            where newer.kind = forecast.kind and newer.source = forecast.source
              and newer.model_version = forecast.model_version and newer.protocol = forecast.protocol
              and newer.market_id is not distinct from forecast.market_id and newer.as_of > forecast.as_of)
        )
      limit ${limit})`.execute(trx);
    return Number(result.numAffectedRows ?? 0);
  });
}

/**
 * Gives up waiting for the outcomes of forecasts that were made, and were due, before then, where the source has been
 * observed for as many days after their target.
 */
export async function closeUnobservedForecasts(
  db: Database,
  { now, before, limit }: RetentionBatch,
): Promise<number> {
  const result = await sql`
    update predictions set closed_at = ${now} where id in (
      select forecast.id
      from (
        select distinct on (source) source,
          least(observed_until, fetched_at) - (${now}::timestamptz - ${before}::timestamptz) as until
        from market_imports order by source, sequence desc
      ) as history
      join predictions as forecast on forecast.source = history.source
        and forecast.target_at <= least(history.until, ${before})
      where forecast.actual_value is null and forecast.closed_at is null and not forecast.stale
        and forecast.created_at <= ${before}
      limit ${limit} for update of forecast skip locked)`.execute(db);
  return Number(result.numAffectedRows ?? 0);
}

/**
 * Works in a transaction while nobody decides which models are live: one that is promoted meanwhile could lose what it
 * serves.
 */
async function whileNoneDecides(
  db: Database,
  work: (trx: DatabaseTransaction) => Promise<number>,
): Promise<number> {
  return db.transaction().execute(async (trx) => {
    await lockAllModels(trx);
    return work(trx);
  });
}
