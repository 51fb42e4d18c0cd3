// Compatible: an older server writes no row that this refuses. Rows from before are not looked at, so that one that cannot be true
// keeps no server from starting.

import { type Kysely, sql } from "kysely";

/** Refuses stored figures that cannot be true, and outcomes of days that are not over. */
export async function up(db: Kysely<unknown>): Promise<void> {
  // One statement at a time: PGlite prepares each, and a prepared statement is a single one.
  for (const statement of statements) await sql.raw(statement).execute(db);
}

/** Postgres takes NaN for greater than Infinity. A figure that is not known is null, and passes. */
function areFinite(columns: readonly string[]): string {
  return columns.map((column) => `${column} > '-Infinity' and ${column} < 'Infinity'`).join(" and ");
}

const finite = {
  predictions: [
    "value",
    "lower",
    "upper",
    "confidence_tolerance",
    "current_value",
    "baseline_value",
    "actual_value",
  ],
  market_history: ["apy", "apy_base", "apy_reward", "apy_base_borrow", "tvl_usd", "utilization"],
  risk_history: ["apy", "tvl_usd", "utilization"],
  protocol_risk_history: ["apy", "tvl_usd", "utilization", "risk_score", "volatility"],
  model_decisions: ["challenger_mae", "champion_mae", "baseline_mae"],
};

const statements = [
  ...Object.entries(finite).map(
    ([table, columns]) =>
      `alter table ${table} add constraint ${table}_finite check (${areFinite(columns)}) not valid`,
  ),
  `alter table predictions
    add constraint predictions_risk_range check (kind <> 'risk'
      or (value between 0 and 100 and coalesce(actual_value, 0) between 0 and 100)) not valid,
    add constraint predictions_closed_late check (closed_at >= target_at + interval '24 hours') not valid`,
  `alter table protocol_risk_history
    add constraint protocol_risk_history_risk_range check (risk_score between 0 and 100) not valid`,
  // The clock of the database may differ from the service's: that the day is over, and was observed, is what an import shows.
  `create function refuse_early_outcome() returns trigger language plpgsql as $$
  begin
    if not exists (
      select from market_imports
      where id = new.actual_import_id and source = new.source and observed_until >= new.target_at
        and fetched_at >= new.target_at + interval '24 hours'
    ) then
      raise exception 'an outcome comes from an import that was loaded once its day was over' using errcode = 'restrict_violation';
    end if;
    return new;
  end $$`,
  // Rows from before migration 0018 name no import.
  `create trigger predictions_known_outcome before insert or update on predictions for each row
    when (new.actual_value is not null and coalesce(new.import_id, new.actual_import_id) is not null)
    execute function refuse_early_outcome()`,
];
