import type { Database, DatabaseTransaction, NewRow, Row, SqlValue, Tables } from "@obsqra/db";
import { type RawBuilder, sql } from "kysely";
import { hasCome, type SourceNow } from "../../market/served-data.fragments.ts";

export type NewModelRow = NewRow<Tables["models"]>;
export type NewPromotionRow = NewRow<Tables["model_promotions"]>;
export type NewModelDecisionRow = NewRow<Tables["model_decisions"]>;
type ModelColumns = Omit<Row<Tables["models"]>, "artefact" | "version" | "created_at">;

/**
 * A model without its bytes, as it is stored: to be checked before anything of it is believed. Only the version is certain,
 * which is that of a promotion or a decision; nothing else is there when the row is gone.
 */
export type StoredModelRow = { readonly [TColumn in keyof ModelColumns]: ModelColumns[TColumn] | null } & {
  readonly version: string;
  /** Text where the row came as JSON. */
  readonly created_at: Date | string | null;
};

/** The models of one kind that forecast from one market source; one of them is live. */
export interface ModelLine {
  readonly kind: "risk" | "yield";
  readonly source: string;
}

/** The same, and the moment at which the live one is asked for. */
export interface ModelLineNow extends ModelLine, SourceNow {}

/** The same for a statement that is built once. */
export type ModelLineInSql = { readonly [Key in keyof ModelLineNow]: SqlValue<ModelLineNow[Key]> };

/** All columns of `models` but the version and the file. */
export const modelColumns = sql`models.kind, models.horizon_days, models.algorithm, models.served_by, models.parameters,
  models.metrics, models.training_data_sha256, models.artefact_sha256, models.manifest_sha256, models.created_at`;

/** Lets one process at a time decide which model is live for a source; the lock goes with the transaction. */
export async function lockModels(trx: DatabaseTransaction, source: string): Promise<void> {
  await sql`select pg_advisory_xact_lock(hashtextextended(${`model decisions ${source}`}, 0))`.execute(trx);
}

/** Lets nobody decide which model is live, for any source; the lock goes with the transaction. */
export async function lockAllModels(trx: DatabaseTransaction): Promise<void> {
  await sql`select pg_advisory_xact_lock(hashtextextended('model decisions ' || source, 0))
    from (select distinct source from model_decisions order by source) as sources`.execute(trx);
}

/**
 * Stores a model unless it is there: its version is its content, so the same version is the same row. A file that was
 * dropped comes back.
 */
export async function insertModel(trx: DatabaseTransaction, row: NewModelRow): Promise<void> {
  await trx
    .insertInto("models")
    .values(row)
    .onConflict((conflict) =>
      conflict
        .column("version")
        .doUpdateSet(({ ref }) => ({ artefact: ref("excluded.artefact") }))
        .where("models.artefact", "is", null),
    )
    .execute();
}

export async function insertDecision(trx: DatabaseTransaction, row: NewModelDecisionRow): Promise<void> {
  await trx.insertInto("model_decisions").values(row).execute();
}

export async function insertPromotion(trx: DatabaseTransaction, row: NewPromotionRow): Promise<void> {
  await trx.insertInto("model_promotions").values(row).execute();
}

/**
 * Whether a row of `model_promotions as promotion` counts. What a training has promoted by a clock that ran ahead does not before that
 * time; an operator's word counts whatever the clock said.
 */
export function hasTakenEffect(now: SqlValue<Date>): RawBuilder<boolean> {
  return sql<boolean>`(
    ${hasCome(now, sql`promotion.promoted_at`)} or exists (
      select from model_decisions as its
      where its.id = promotion.decision_id and its.reason = 'by_operator'
    )
  )`;
}

/** The live model, as a query: the one that was promoted last. */
export function liveModel({ kind, source, now }: ModelLineInSql): RawBuilder<StoredModelRow> {
  // Left: where the model is gone, the one before it must not take its place.
  return sql<StoredModelRow>`
    select promotion.version, ${modelColumns}
    from model_promotions as promotion left join models on models.version = promotion.version
    where promotion.kind = ${kind} and promotion.source = ${source}
      and ${hasTakenEffect(now)}
    order by promotion.sequence desc limit 1`;
}

/** A model that has been decided about for this kind and source, as a query. */
export function decidedModel(
  { kind, source }: Pick<ModelLineInSql, "kind" | "source">,
  version: SqlValue<string | undefined>,
): RawBuilder<StoredModelRow> {
  return sql<StoredModelRow>`
    select decision.challenger_version as version, ${modelColumns}
    from model_decisions as decision left join models on models.version = decision.challenger_version
    where decision.challenger_version = ${version} and decision.kind = ${kind} and decision.source = ${source}
    limit 1`;
}

/** The live model: the one that was promoted last. */
export async function findLiveModel(db: Database, line: ModelLineNow): Promise<StoredModelRow | undefined> {
  const { rows } = await liveModel(line).execute(db);
  return rows[0];
}

/** A model that has been decided about for this kind and source. */
export async function findDecidedModel(
  db: Database,
  line: ModelLine,
  version: string,
): Promise<StoredModelRow | undefined> {
  const { rows } = await decidedModel(line, version).execute(db);
  return rows[0];
}

/** Models of these versions, each of which forecasts refer to. */
export async function listModels(db: Database, versions: readonly string[]): Promise<StoredModelRow[]> {
  const { rows } = await sql<StoredModelRow>`
    select wanted.version, ${modelColumns}
    from unnest(${versions}::text[]) as wanted (version) left join models on models.version = wanted.version`.execute(
    db,
  );
  return rows;
}

export async function listModelFiles(
  db: Database,
): Promise<{ readonly version: string; readonly artefact_sha256: string }[]> {
  return db
    .selectFrom("models")
    .select(["version", "artefact_sha256"])
    .where("artefact", "is not", null)
    .orderBy("version")
    .execute();
}

/** A model's file. */
export async function findModelArtefact(
  db: Database,
  version: string,
): Promise<{ artefact: Uint8Array | null } | undefined> {
  return db.selectFrom("models").select("artefact").where("version", "=", version).executeTakeFirst();
}

/**
 * The champion before a version: the one that this version took over from when it was promoted last. A return to a
 * version by rollback does not count as its promotion, so that going back twice goes back by two.
 */
export async function findPredecessor(
  db: Database,
  { kind, source }: ModelLine,
  version: string,
): Promise<string | undefined> {
  const { rows } = await sql<{ version: string }>`
    select before.version from model_promotions as before
    where before.kind = ${kind} and before.source = ${source} and before.version <> ${version}
      and before.sequence < (
        select max(promotion.sequence) from model_promotions as promotion
        left join model_decisions as decision on decision.id = promotion.decision_id
        where promotion.kind = ${kind} and promotion.source = ${source} and promotion.version = ${version}
          and decision.outcome is distinct from 'rolled_back')
    order by before.sequence desc limit 1`.execute(db);
  return rows[0]?.version;
}

/** Whether a version has ever been live. */
export async function wasPromoted(
  db: Database,
  { kind, source }: ModelLine,
  version: string,
): Promise<boolean> {
  const row = await db
    .selectFrom("model_promotions")
    .select("id")
    .where("kind", "=", kind)
    .where("source", "=", source)
    .where("version", "=", version)
    .limit(1)
    .executeTakeFirst();
  return row !== undefined;
}

/** Whether what was trained on an import has been decided about; of one version, or of any. */
export async function hasTrainingDecision(
  db: Database,
  { kind, source }: ModelLine,
  training: { readonly importId: string; readonly horizonDays: number; readonly version?: string },
): Promise<boolean> {
  let query = db
    .selectFrom("model_decisions")
    .select("id")
    .where("import_id", "=", training.importId)
    .where("kind", "=", kind)
    .where("source", "=", source)
    .where("horizon_days", "=", training.horizonDays)
    // What an operator decides says nothing about whether the import was learned from.
    .where("reason", "<>", "by_operator")
    .limit(1);
  if (training.version !== undefined) query = query.where("challenger_version", "=", training.version);
  return (await query.executeTakeFirst()) !== undefined;
}

/** The market source whose models were decided about last. */
export async function findNewestSource(db: Database): Promise<string | undefined> {
  const row = await db
    .selectFrom("model_decisions")
    .select("source")
    .orderBy("sequence", "desc")
    .limit(1)
    .executeTakeFirst();
  return row?.source;
}
