import type { Database, DatabaseTransaction } from "@obsqra/db";
import { sql } from "kysely";
import { type SourceNow, servedImport } from "../../market/served-data.fragments.ts";

/** A forecast whose outcome is due. */
export interface DuePredictionRow {
  readonly id: string;
  readonly kind: "risk" | "yield";
  readonly protocol: string;
  readonly market_id: string | null;
  readonly as_of: Date;
  readonly target_at: Date;
  /** Markets and weights behind a protocol's forecast, as they were known when it was made; null for a market's. */
  readonly markets: { readonly market_id: string; readonly weight: number }[] | null;
  readonly model_version: string;
}

/** Which outcomes an import shows. */
export interface KnownOutcomes {
  readonly import_id: string;
  /** The last day whose outcomes cannot change any more. */
  readonly until: Date;
}

/** Which outcomes the newest import shows; undefined before the first. */
export async function findKnownOutcomes(db: Database, asked: SourceNow): Promise<KnownOutcomes | undefined> {
  const { rows } = await sql<KnownOutcomes>`
    with ${servedImport(asked)}
    select id as import_id, newest_day as until from served_import`.execute(db);
  return rows[0];
}

/** Forecasts that wait for an outcome and whose target is not after `until`, by target. */
export async function listDuePredictions(
  db: Database,
  page: {
    readonly source: string;
    readonly until: Date;
    readonly after: { readonly target_at: Date; readonly id: string } | undefined;
    readonly limit: number;
  },
): Promise<DuePredictionRow[]> {
  const { after } = page;
  const { rows } = await sql<DuePredictionRow>`
    select due.id, due.kind, due.protocol, due.market_id, due.as_of, due.target_at,
      case when due.market_id is null then due.details -> 'markets' end as markets,
      due.model_version
    from predictions as due
    where due.actual_value is null and due.closed_at is null and due.source = ${page.source} and not due.stale
      and due.target_at <= ${page.until}
      and ${after === undefined ? sql`true` : sql`(due.target_at, due.id) > (${after.target_at}, ${after.id}::uuid)`}
    order by due.target_at, due.id
    limit ${page.limit}`.execute(db);
  return rows;
}

/** Adds outcomes to forecasts that have none; one that is recorded is never replaced. */
export async function updateActuals(
  trx: DatabaseTransaction,
  rows: readonly { readonly id: string; readonly actual_value: number }[],
  { recordedAt, importId }: { readonly recordedAt: Date; readonly importId: string },
): Promise<number> {
  const { numAffectedRows = 0n } = await sql`
    update predictions set actual_value = row.actual_value, actual_at = ${recordedAt},
      actual_import_id = ${importId}
    from json_to_recordset(${JSON.stringify(rows)}::json) as row (id uuid, actual_value float8)
    where predictions.id = row.id and predictions.actual_value is null`.execute(trx);
  return Number(numAffectedRows);
}
