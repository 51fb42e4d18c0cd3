import type { Database, Row, Tables } from "@obsqra/db";
import { sql } from "kysely";
import { hasCome, type SourceNow } from "../../market/served-data.fragments.ts";
import { isKnownBy } from "../track-record/on-record.fragments.ts";

/** The history that models were trained on last. */
export interface LastTraining extends Pick<Row<Tables["market_imports"]>, "observed_until" | "fetched_at"> {
  readonly import_id: string;
}

/** The history that models were trained on last; undefined when they never were. A training by a clock that ran ahead is yet to come. */
export async function findLastTraining(
  db: Database,
  training: SourceNow & { readonly horizonDays: number },
): Promise<LastTraining | undefined> {
  const { rows } = await sql<LastTraining>`
    select decision.import_id, market_imports.observed_until, market_imports.fetched_at
    from model_decisions as decision join market_imports on market_imports.id = decision.import_id
    where decision.source = ${training.source} and decision.horizon_days = ${training.horizonDays}
      and decision.reason <> 'by_operator' and ${hasCome(training.now, sql`decision.decided_at`)}
    order by decision.sequence desc limit 1`.execute(db);
  return rows[0];
}

/** Errors of the forecasts on record whose outcomes became known since a time: what was served, and its baseline. */
export interface ServedErrors {
  readonly kind: "risk" | "yield";
  readonly n: number;
  readonly served_mae: number;
  readonly baseline_mae: number;
}

export async function listServedErrors(
  db: Database,
  { source, now, since }: SourceNow & { readonly since: Date },
): Promise<ServedErrors[]> {
  const { rows } = await sql<ServedErrors>`
    select kind, count(*)::integer as n, avg(abs(value - actual_value)) as served_mae,
      avg(abs(baseline_value - actual_value)) as baseline_mae
    from predictions
    where source = ${source} and actual_value is not null and actual_at > ${since}
      and on_record and market_id is not null and ${isKnownBy(now)}
    group by kind order by kind`.execute(db);
  return rows;
}
