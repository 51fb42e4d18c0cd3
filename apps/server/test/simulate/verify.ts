import type { JobRun } from "@obsqra/contract";
import { openDatabase } from "@obsqra/db";
import { newestSlot } from "@obsqra/platform";
import { databaseLocation } from "../../src/create-dependencies.ts";
import { readEnvironment } from "../../src/env.ts";

/** A moment to which the clock was moved, and how the service was then. */
export interface Step {
  readonly at: Date;
  readonly day: number;
  readonly hadFeed: boolean;
  /** The newest observation that the feed could show. */
  readonly shownUntil: Date;
}

/** What a run is judged by: each is a count, and what is wrong has to be none. */
export interface Verdict {
  readonly days: number;
  /** Days on which forecasts from what the feed had shown came later than one rhythm after it could be asked. */
  readonly days_late: number;
  readonly forecasts: number;
  readonly matured: number;
  /** Forecasts that have matured, on a target that was observed, and have no outcome. */
  readonly without_outcome: number;
  readonly slots: number;
  /** Moments of schedules for which more than one run was sent, or none, or one that did not succeed. */
  readonly slots_wrong: number;
  /** Which these are, and what became of their runs. */
  readonly wrong_slots: readonly string[];
  readonly imports: number;
  /** Imports, runs of forecasts, forecasts and final states of transactions that are there twice. */
  readonly doubles: number;
  /** Moves that were suggested to users who had not asked. */
  readonly told: number;
  /** Those that came within three days of another one to the same user. */
  readonly told_too_soon: number;
  readonly transactions: number;
  readonly transactions_unsettled: number;
}

/** What was seen while the service lived. */
export interface Lived {
  readonly steps: readonly Step[];
  /** By the names of jobs. */
  readonly schedules: ReadonlyMap<string, string>;
  /** Of all jobs; the service itself forgets them after a week. */
  readonly runs: readonly JobRun[];
}

const hourMs = 60 * 60 * 1_000;
const dayMs = 24 * hourMs;
/** After a suggestion that a user had not asked for. */
const quietDays = 3;
/** A feed is asked every hour. */
const rhythmMs = hourMs;

/** Looks through the database of a service that has stopped. */
export async function verifyOutcome(
  variables: Readonly<Record<string, string>>,
  { steps, schedules, runs }: Lived,
): Promise<Verdict> {
  const database = await openDatabase(databaseLocation(readEnvironment(variables)));
  const { db } = database;
  try {
    const forecasts = await db
      .selectFrom("predictions")
      .select(["kind", "market_id", "protocol", "as_of", "target_at", "created_at", "on_record"])
      .select(["actual_value", "closed_at", "model_version"])
      .execute();
    const imports = await db
      .selectFrom("market_imports")
      .select(["id", "fetched_at", "content_sha256"])
      .execute();
    const forecastRuns = await db
      .selectFrom("forecast_runs")
      .select(["kind", "model_version", "import_id"])
      .execute();
    const statuses = await db
      .selectFrom("transaction_statuses")
      .select(["transaction_id", "status"])
      .execute();
    const told = await db
      .selectFrom("rebalance_suggestions as suggestion")
      .innerJoin("events", (join) =>
        join.onRef("events.owner_id", "=", "suggestion.owner_id").on("type", "=", "suggestion.made"),
      )
      .select([
        "suggestion.id",
        "suggestion.owner_id",
        "suggestion.created_at",
        "events.subject",
        "events.payload",
      ])
      .orderBy("suggestion.created_at")
      .execute();
    const observed = await db.selectFrom("risk_history").select(["market_id", "as_of"]).execute();

    const last = steps.at(-1)?.shownUntil ?? new Date(0);
    const observedDays = new Set(observed.map(({ market_id, as_of }) => `${market_id} ${as_of.getTime()}`));
    const onRecord = forecasts.filter(({ on_record }) => on_record);
    const matured = onRecord.filter(({ target_at }) => target_at.getTime() + dayMs <= floorDay(last));
    const isObserved = ({ market_id, target_at }: (typeof forecasts)[number]) =>
      market_id === null || observedDays.has(`${market_id} ${target_at.getTime()}`);
    const firstForecastAt = new Map<number, number>();
    for (const { as_of, created_at } of forecasts) {
      const known = firstForecastAt.get(as_of.getTime()) ?? Number.POSITIVE_INFINITY;
      firstForecastAt.set(as_of.getTime(), Math.min(known, created_at.getTime()));
    }
    const days = new Map<number, Step>();
    // The first moment of each day at which the feed could be asked.
    for (const step of steps.toReversed()) if (step.hadFeed) days.set(step.day, step);
    const late = [...days.values()].filter(({ at, shownUntil }) => {
      const forecastAt = firstForecastAt.get(floorDay(shownUntil));
      return forecastAt === undefined || forecastAt > at.getTime() + rhythmMs;
    });

    const sent = new Map<string, string[]>();
    for (const { job, scheduled_for, state } of runs) {
      if (scheduled_for === null) continue;
      const key = `${job} ${scheduled_for}`;
      sent.set(key, [...(sent.get(key) ?? []), state]);
    }
    const expected = steps.flatMap(({ at }) =>
      [...schedules].map(([job, schedule]) => `${job} ${newestSlot(schedule, at)?.toISOString()}`),
    );
    const wrong = new Set(
      [...expected, ...sent.keys()].filter((key) => {
        const states = sent.get(key) ?? [];
        return states.length !== 1 || states[0] !== "done";
      }),
    );
    const final = statuses.filter(({ status }) => status !== "pending");
    const logged = new Set(statuses.map(({ transaction_id }) => transaction_id));
    const unasked = told.filter(({ id, subject, payload }) => id === subject && "unasked" in Object(payload));
    const tooSoon = unasked.filter(({ owner_id, created_at, id }) =>
      unasked.some(
        (other) =>
          other.owner_id === owner_id &&
          other.id !== id &&
          other.created_at <= created_at &&
          created_at.getTime() - other.created_at.getTime() < quietDays * dayMs,
      ),
    );
    return {
      days: days.size,
      days_late: late.length,
      forecasts: onRecord.length,
      matured: matured.length,
      without_outcome: matured.filter((each) => each.actual_value === null && isObserved(each)).length,
      slots: new Set([...expected, ...sent.keys()]).size,
      slots_wrong: wrong.size,
      wrong_slots: [...wrong].map((key) => `${key}: ${sent.get(key)?.join(", ") ?? "no run"}`),
      imports: imports.length,
      doubles:
        countDoubles(imports.map(({ content_sha256 }) => content_sha256)) +
        countDoubles(forecastRuns.map((run) => `${run.kind} ${run.model_version} ${run.import_id}`)) +
        countDoubles(
          onRecord.map((each) => `${each.kind} ${each.market_id ?? each.protocol} ${each.as_of.getTime()}`),
        ) +
        countDoubles(final.map(({ transaction_id }) => transaction_id)),
      told: unasked.length,
      told_too_soon: tooSoon.length,
      transactions: logged.size,
      transactions_unsettled: logged.size - new Set(final.map(({ transaction_id }) => transaction_id)).size,
    };
  } finally {
    await database.close();
  }
}

function floorDay(moment: Date): number {
  return Math.floor(moment.getTime() / dayMs) * dayMs;
}

function countDoubles(keys: readonly string[]): number {
  return keys.length - new Set(keys).size;
}
