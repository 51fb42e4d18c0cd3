import type { Database } from "@obsqra/db";
import { withoutRules } from "@obsqra/db/testing";
import { writeTransaction } from "@obsqra/platform";
import { sql } from "kysely";
import { appendToLog, type LogDependencies, nextLogMoment } from "../src/receipts/log/append-log.service.ts";
import { lockLog } from "../src/receipts/log/log.queries.ts";

/** What seeding uses. */
export interface LogSeedDependencies extends LogDependencies {
  readonly createId: () => string;
}

/** A forecast of a market's yield that is in the log, with its entry. */
export interface LoggedSample {
  readonly id: string;
  readonly text: string;
}

export async function findLoggedSample(db: Database): Promise<LoggedSample> {
  const { rows } = await sql<LoggedSample>`
    select predictions.id, convert_from(entry, 'UTF8') as text from predictions
      join log_entries on log_entries.type = 'forecast' and log_entries.subject = predictions.id::text
    where predictions.kind = 'yield' and market_id is not null and served_by = 'model'
    order by octet_length(entry) desc, predictions.id limit 1`.execute(db);
  const [sample] = rows;
  if (sample === undefined) throw new Error("No forecast is in the log.");
  return sample;
}

/** Appends entries of the size of forecasts in one transaction, signed, as the job appends a run of them. */
export async function appendEntries(
  deps: LogSeedDependencies,
  { text }: LoggedSample,
  { from, count }: { readonly from: number; readonly count: number },
): Promise<void> {
  const entries = Array.from({ length: count }, (_unused, index) => {
    const subject = `sample ${from + index}`;
    // As long as that of a forecast, and each of its own.
    return { type: "sample", subject, text: text.replace(/"id":"[^"]*"/, `"id":"${subject.padEnd(36)}"`) };
  });
  await deps.db.transaction().execute(async (trx) => {
    await lockLog(trx);
    const loggedAt = await nextLogMoment(trx, deps);
    await appendToLog(trx, deps, { entries, loggedAt });
  });
}

/**
 * Adds a run of forecasts, of yields of markets, which the log does not have yet: those that there are, again and again, each time of an
 * earlier day.
 */
export async function addRun(deps: LogSeedDependencies, count: number): Promise<void> {
  const import_id = deps.createId();
  const { db } = deps;
  await withoutRules(db, async (trx) => {
    await sql`set local statement_timeout = 0`.execute(trx);
    await sql`
      insert into market_imports (id, source, simulated, content_sha256, report, observed_until, fetched_at, completed_at)
      select ${import_id}::uuid, source, simulated, content_sha256, report, observed_until, fetched_at, completed_at
      from market_imports order by sequence desc limit 1`.execute(trx);
    await sql`
      insert into predictions (id, kind, source, protocol, market_id, model_version, as_of, target_at, stale, value, lower, upper,
        interval_level, confidence, confidence_tolerance, current_value, baseline_value, served_by, details, created_at, import_id)
      select gen_random_uuid(), kind, source, protocol, market_id, model_version, as_of - make_interval(days => day),
        target_at - make_interval(days => day), true, value, lower, upper, interval_level, confidence, confidence_tolerance,
        current_value, baseline_value, served_by, details, created_at, ${import_id}::uuid
      from (select * from predictions where kind = 'yield' and market_id is not null) as forecast,
        generate_series(1, ${count}::int / (select count(*)::int from predictions where kind = 'yield' and market_id is not null) + 1) as day
      limit ${count}`.execute(trx);
    await sql`
      insert into forecast_runs (id, kind, source, model_version, import_id, forecasts, panel_sha256, snapshot_sha256, revision, created_at)
      select gen_random_uuid(), kind, source, model_version, ${import_id}::uuid, ${count}, panel_sha256, snapshot_sha256, revision,
        created_at
      from forecast_runs where kind = 'yield' order by sequence desc limit 1`.execute(trx);
  });
  await sql`analyze predictions`.execute(db);
  const run = await db
    .selectFrom("forecast_runs")
    .select(["model_version", "source"])
    .where("import_id", "=", import_id)
    .executeTakeFirstOrThrow();
  const payload = { kind: "yield" as const, source: run.source, import_id, count };
  await writeTransaction(deps, async (_trx, emit) =>
    emit({ type: "forecasts.published", subject: run.model_version, owner_id: null, payload }),
  );
}

/** Begins chains of security events with one entry each, until there are so many. @returns the owner of one in the middle */
export async function beginChains(db: Database, count: number): Promise<string> {
  let owner = "";
  await withoutRules(db, async (trx) => {
    await sql`set local statement_timeout = 0`.execute(trx);
    await sql`
      insert into chained_logs (position, log, owner_id, old_length, old_digest, content_hash, previous_hash, hash, end_position, end_hash)
      select place, 'audit', gen_random_uuid(), 0, zero, zero, zero, sha256(zero || zero), 1, sha256(int8send(place))
      from generate_series((select coalesce(max(position), 0) + 1 from chained_logs), ${count}::bigint) as place,
        decode(repeat('00', 32), 'hex') as zero`.execute(trx);
    const chains = trx.selectFrom("chained_logs").select("owner_id");
    const middle = await chains
      .where("position", "=", String(Math.ceil(count / 2)))
      .executeTakeFirstOrThrow();
    owner = middle.owner_id;
  });
  await sql`analyze chained_logs`.execute(db);
  return owner;
}
