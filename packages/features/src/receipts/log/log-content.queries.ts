import type { Database, DatabaseTransaction, Row, Tables } from "@obsqra/db";
import { sql } from "kysely";

/** A market snapshot as an entry names it. */
interface SnapshotReference {
  readonly import_id: string;
  readonly content_sha256: string;
}

/** A run of forecasts, with the hashes of what it was made from. */
export interface ForecastRunRow {
  readonly id: string;
  readonly kind: "risk" | "yield";
  readonly source: string;
  readonly created_at: Date;
  /** Of the arithmetic; null for runs of versions before there was one. */
  readonly revision: number | null;
  readonly snapshot: SnapshotReference & {
    /** Of the data itself; null for runs of versions that did not keep it. */
    readonly panel_sha256: string | null;
    /** Of the published document that names its parts; null where data is not published. */
    readonly artefact_sha256: string | null;
  };
  readonly model: {
    readonly version: string;
    readonly artefact_sha256: string;
    readonly training_data_sha256: string;
    readonly manifest_sha256: string | null;
  };
}

interface RunKey {
  readonly kind: string;
  readonly source: string;
  readonly import_id: string;
  readonly model_version: string;
}

/** The first run of a model on an import. */
export async function findForecastRun(db: Database, run: RunKey): Promise<ForecastRunRow | undefined> {
  const { rows } = await sql<ForecastRunRow>`
    select run.id, run.kind, run.source, run.created_at, run.revision,
      json_build_object('import_id', imported.id, 'content_sha256', imported.content_sha256,
        'panel_sha256', run.panel_sha256, 'artefact_sha256', run.snapshot_sha256) as snapshot,
      json_build_object('version', models.version, 'artefact_sha256', models.artefact_sha256,
        'training_data_sha256', models.training_data_sha256, 'manifest_sha256', models.manifest_sha256) as model
    from forecast_runs as run join market_imports as imported on imported.id = run.import_id
      join models on models.version = run.model_version
    where run.kind = ${run.kind} and run.source = ${run.source} and run.import_id = ${run.import_id}
      and run.model_version = ${run.model_version}
    order by run.sequence limit 1`.execute(db);
  return rows[0];
}

/** A forecast with everything that its entry says. */
export type LoggedForecastRow = Pick<
  Row<Tables["predictions"]>,
  | "id"
  | "kind"
  | "source"
  | "protocol"
  | "market_id"
  | "model_version"
  | "stale"
  | "value"
  | "lower"
  | "upper"
  | "interval_level"
  | "confidence"
  | "confidence_tolerance"
  | "current_value"
  | "baseline_value"
  | "served_by"
> & {
  /** Text where the row came as JSON. */
  readonly as_of: Date | string;
  readonly target_at: Date | string;
  readonly details: {
    readonly explanation?: unknown;
    readonly intervals?: unknown;
    readonly experts?: unknown;
    readonly illiquidity_probability?: unknown;
  };
};

/** The columns of a forecast that its entry says. */
export const forecastColumns = sql.raw(
  `id, kind, source, protocol, market_id, model_version, as_of, target_at, stale, value, lower, upper, interval_level,
  confidence, confidence_tolerance, current_value, baseline_value, served_by, details`,
);

/** The forecasts of a run, by protocol and market; a protocol's own last. */
export async function listForecastsOfRun(db: Database, run: RunKey): Promise<LoggedForecastRow[]> {
  // As one value, which is read twice as fast as thousands of rows.
  const { rows } = await sql<{ forecasts: LoggedForecastRow[] | null }>`
    select json_agg(row_to_json(forecast)) as forecasts from (
      select ${forecastColumns} from predictions
      where kind = ${run.kind} and source = ${run.source} and model_version = ${run.model_version}
        and import_id = ${run.import_id}
      order by protocol, market_id nulls last, as_of, id) as forecast`.execute(db);
  return rows[0]?.forecasts ?? [];
}

/** What came true of a forecast, with the import that it was read from. */
export interface OutcomeRow {
  readonly id: string;
  readonly actual_value: number;
  readonly actual_at: Date;
  readonly snapshot: SnapshotReference;
}

/** The outcomes that were recorded at a moment from an import. */
export async function listOutcomes(
  db: Database,
  recorded: { readonly source: string; readonly import_id: string; readonly recorded_at: string },
): Promise<OutcomeRow[]> {
  const { rows } = await sql<OutcomeRow>`
    select predictions.id, actual_value, actual_at,
      json_build_object('import_id', imported.id, 'content_sha256', imported.content_sha256) as snapshot
    from predictions join market_imports as imported on imported.id = actual_import_id
    where predictions.source = ${recorded.source} and actual_at = ${recorded.recorded_at}
      and actual_import_id = ${recorded.import_id}
    order by predictions.id`.execute(db);
  return rows;
}

/** An import as its entry says it. */
export type SnapshotRow = Pick<
  Row<Tables["market_imports"]>,
  "source" | "simulated" | "content_sha256" | "observed_until" | "fetched_at"
> & { readonly import_id: string };

export async function findSnapshot(db: Database, importId: string): Promise<SnapshotRow | undefined> {
  return db
    .selectFrom("market_imports")
    .select(["id as import_id", "source", "simulated", "content_sha256", "observed_until", "fetched_at"])
    .where("id", "=", importId)
    .executeTakeFirst();
}

/** An observation as it was before an import replaced it. */
export interface CorrectionRow {
  readonly market_id: string;
  readonly observed_at: string;
  readonly tvl_usd: number | null;
  readonly apy: number | null;
  readonly utilization: number | null;
}

/** What an import has replaced of days that were over, by market and day. */
export async function listCorrections(db: Database, importId: string): Promise<CorrectionRow[]> {
  const { rows } = await sql<CorrectionRow>`
    select market_id, to_char(observed_at at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as observed_at,
      tvl_usd, apy, utilization
    from market_history_revisions where replaced_by = ${importId} order by market_id, observed_at`.execute(
    db,
  );
  return rows;
}

/** A decision about the status of a protocol, without its reason. */
export type StatusDecisionRow = Pick<
  Row<Tables["protocol_statuses"]>,
  "id" | "protocol" | "decided_by" | "status" | "status_since" | "evidence_url" | "decided_at"
>;

export async function findStatusDecision(db: Database, id: string): Promise<StatusDecisionRow | undefined> {
  return db
    .selectFrom("protocol_statuses")
    .select(["id", "protocol", "decided_by", "status", "status_since", "evidence_url", "decided_at"])
    .where("id", "=", id)
    .executeTakeFirst();
}

/** A suggestion as it was given. */
export type SuggestionRow = Pick<
  Row<Tables["rebalance_suggestions"]>,
  "id" | "owner_id" | "answer" | "created_at"
>;

/** A suggestion of an account that is not erased. */
export async function findSuggestion(db: Database, id: string): Promise<SuggestionRow | undefined> {
  return db
    .selectFrom("rebalance_suggestions")
    .innerJoin("users", "users.id", "rebalance_suggestions.owner_id")
    .select([
      "rebalance_suggestions.id",
      "rebalance_suggestions.owner_id",
      "rebalance_suggestions.answer",
      "rebalance_suggestions.created_at",
    ])
    .where("rebalance_suggestions.id", "=", id)
    .where("erased_at", "is", null)
    .executeTakeFirst();
}

export async function insertSalt(
  trx: DatabaseTransaction,
  salt: { readonly suggestion_id: string; readonly owner_id: string; readonly salt: Uint8Array },
): Promise<void> {
  await trx
    .insertInto("log_salts")
    .values(salt)
    .onConflict((conflict) => conflict.doNothing())
    .execute();
}
