import type { Database, DatabaseTransaction, NewRow, Row, Tables } from "@obsqra/db";
import { sql } from "kysely";
import type { ToldThreshold } from "./recipients.queries.ts";

/** @returns which of them were not told before */
export async function insertAlerts(
  trx: DatabaseTransaction,
  rows: readonly NewRow<Tables["alerts"]>[],
): Promise<Pick<Row<Tables["alerts"]>, "id">[]> {
  return trx
    .insertInto("alerts")
    .values(rows)
    .onConflict((conflict) => conflict.columns(["owner_id", "fact"]).doNothing())
    .returning("id")
    .execute();
}

/** A figure of a protocol that an owner is told of. */
export interface RiskAlertKey extends Pick<ToldThreshold, "protocol" | "basis"> {
  readonly owner_id: string;
  readonly source: string;
}

/** Notes that owners are told of figures. */
export async function upsertRiskAlerts(
  trx: DatabaseTransaction,
  rows: readonly NewRow<Tables["risk_alerts"]>[],
): Promise<void> {
  await trx
    .insertInto("risk_alerts")
    .values(rows)
    .onConflict((conflict) =>
      conflict.columns(["owner_id", "source", "protocol", "basis"]).doUpdateSet(({ ref }) => ({
        threshold: ref("excluded.threshold"),
        told_at: ref("excluded.told_at"),
      })),
    )
    .execute();
}

/** Forgets that owners were told, so that they are told when it is so again. */
export async function deleteRiskAlerts(
  trx: DatabaseTransaction,
  keys: readonly RiskAlertKey[],
): Promise<void> {
  await sql`
    delete from risk_alerts using json_to_recordset(${JSON.stringify(keys)}::json)
      as gone (owner_id uuid, source text, protocol text, basis text)
    where risk_alerts.owner_id = gone.owner_id and risk_alerts.source = gone.source
      and risk_alerts.protocol = gone.protocol and risk_alerts.basis = gone.basis`.execute(trx);
}

/** Owners with alerts that wait for the mail of the day, by id; not those who got one on this day or a later one. */
export async function listWaitingOwners(
  db: Database,
  page: { readonly day: string; readonly after: string | undefined; readonly limit: number },
): Promise<{ owner_id: string }[]> {
  const { day, after, limit } = page;
  const { rows } = await sql<{ owner_id: string }>`
    select distinct owner_id from alerts
    where waits and ${after === undefined ? sql`true` : sql`owner_id > ${after}`}
      and not exists (
        select from alert_digests as digest where digest.owner_id = alerts.owner_id and digest.day >= ${day}::date
      )
    order by owner_id limit ${limit}`.execute(db);
  return rows;
}

/**
 * Notes that an owner gets the mail of a day: of several processes, one.
 *
 * @returns false when that is noted already, also for a later day
 */
export async function takeDigest(
  trx: DatabaseTransaction,
  digest: { readonly owner_id: string; readonly day: string },
): Promise<boolean> {
  const { rows } = await sql`
    insert into alert_digests (owner_id, day) values (${digest.owner_id}, ${digest.day}::date)
    on conflict (owner_id) do update set day = excluded.day where alert_digests.day < excluded.day
    returning owner_id`.execute(trx);
  return rows.length > 0;
}

/** An owner's alerts by time. */
export async function listAlerts(
  db: Database,
  page: { readonly owner_id: string; readonly after: string | undefined; readonly limit: number },
): Promise<Pick<Row<Tables["alerts"]>, "id" | "alert" | "created_at" | "waits">[]> {
  let query = db
    .selectFrom("alerts")
    .select(["id", "alert", "created_at", "waits"])
    .where("owner_id", "=", page.owner_id);
  if (page.after !== undefined) query = query.where("id", "<", page.after);
  return query.orderBy("id", "desc").limit(page.limit).execute();
}
