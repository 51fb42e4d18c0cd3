import type { DatabaseState, OpenDatabase } from "@obsqra/db";
import type { Freshness, LogAnchorState, RiskEngineState } from "@obsqra/features";
import type { JobState } from "@obsqra/platform";
import type { FastifyInstance } from "fastify";
import { share } from "./share.ts";

/** States that are not called what they are. */
const shownStates: Partial<Record<DatabaseState, string>> = { full: "disk full", forbidden: "no permission" };

/** What readiness depends on. */
export interface HealthParts {
  readonly database: Pick<OpenDatabase, "state">;
  /** Asked only while the database responds. */
  readonly freshness: () => Promise<Freshness>;
  /** Names of jobs that have failed for good; asked only while the database responds. */
  readonly deadJobs: () => Promise<readonly string[]>;
  /** Names of jobs whose moment has passed without anybody sending them; asked only while the database responds. */
  readonly lateJobs: () => Promise<readonly string[]>;
  /** Since when events wait for a transaction that does not end; asked only while the database responds. */
  readonly eventsHeldSince: () => Promise<Date | undefined>;
  /** Whether the RiskEngine contract scores as we do; asked only while the database responds. */
  readonly riskEngine: () => Promise<RiskEngineState>;
  /** Whether trees of the transparency log are anchored; asked only while the database responds. */
  readonly logAnchor: () => Promise<LogAnchorState>;
  /** How each job goes; asked only while the database responds. */
  readonly jobStates: () => Promise<readonly JobState[]>;
  /** Name of the market source. */
  readonly marketSource: string;
}

/** Whoever asks them decides whether this server is restarted or gets requests at all, and does so every few seconds. */
export const healthPaths: ReadonlySet<string | undefined> = new Set(["/health", "/ready", "/ready/traffic"]);

/**
 * `/health` says that the process is alive, and nothing more, so that a database that is away does not get the process
 * restarted; with `?detail` also what `/ready` says, and how its jobs go, still with 200. `/ready` says whether it can do its work: the database responds
 * and has room to write, there are models, and the market data is as new as its source's rhythm allows. A job that has failed, or
 * that nobody runs, a feed that fails, markets of it that are left out, events that wait for a transaction, a RiskEngine contract
 * that scores otherwise than we do, and a log that is not anchored as it should be are named, and take nobody off a balancer: every replica would say the same.
 *
 * `/ready/traffic` is for whatever sends requests to replicas. It says whether this one can take them: whether the database responds to
 * it. Data that are old and models that are missing are the same everywhere, and would leave no replica to serve all the rest; on a full
 * disk, what is there can be read.
 */
export function registerHealth(app: FastifyInstance, { marketSource, ...parts }: HealthParts): void {
  // Nobody's questions are counted here: however many come at once, the database is asked by one at a time.
  const findings = share(() => findHealth(parts));
  const detail = share(async () => {
    const found = await findings();
    const jobs = await describeJobs(found, parts);
    return { readiness: readinessOf(found), ...describe(found, marketSource), jobs };
  });
  app.get<{ Querystring: { detail?: string } }>("/health", async ({ query }, reply) => {
    if (query.detail === undefined || query.detail === "false") return { status: "ok" };
    reply.header("cache-control", "no-store");
    return { status: "ok", ...(await detail()) };
  });
  app.get("/ready", async (_request, reply) => {
    const found = await findings();
    return reply
      .code(found.isReady ? 200 : 503)
      .header("cache-control", "no-store")
      .send({ status: readinessOf(found), ...describe(found, marketSource) });
  });
  const databaseState = share(() => parts.database.state());
  app.get("/ready/traffic", async (_request, reply) => {
    const state = await databaseState();
    const isReady = responds(state);
    return reply
      .code(isReady ? 200 : 503)
      .header("cache-control", "no-store")
      .send({ status: readinessOf({ isReady }), checks: { database: shownStates[state] ?? state } });
  });
}

/** Whether there is anything to be read. */
function responds(state: DatabaseState): boolean {
  return state === "up" || state === "full";
}

function readinessOf({ isReady }: Pick<Findings, "isReady">): "ready" | "not ready" {
  return isReady ? "ready" : "not ready";
}

/** What was found, and by name whatever is not as it should be. */
function describe(found: Findings, marketSource: string): object {
  const { checks, dead, late, feed, riskEngine, logAnchor } = found;
  const degraded = findDegraded(found);
  return {
    checks,
    ...(degraded.length > 0 && { degraded }),
    ...(feed?.models === "down" && { missing_models: feed.missing_models }),
    ...(feed?.market_data === "stale" && { observed_until: feed.observed_until }),
    ...(dead.length > 0 && { failed_jobs: dead }),
    ...(late.length > 0 && { late_jobs: late }),
    ...(found.eventsHeldSince && { events_held_since: found.eventsHeldSince.toISOString() }),
    ...(feed?.feed_failure && { feed_failure: feed.feed_failure }),
    ...(feed && describeLosses(feed)),
    risk_engine: riskEngine,
    log_anchor: logAnchor,
    market_source: { name: marketSource, simulated: marketSource === "simulated" },
  };
}

/** What each check says when nothing is wrong. */
const soundStates: Readonly<Record<keyof Findings["checks"], string>> = {
  database: "up",
  models: "up",
  market_data: "current",
  market_feed: "up",
  jobs: "up",
  events: "up",
};

/** The names of all checks. */
export const healthChecks = [...Object.keys(soundStates), "risk_engine", "log_anchor"];

/** The checks that say something else; that nobody could say counts, too. */
export function findDegraded({
  checks,
  riskEngine,
  logAnchor,
}: Pick<Findings, "checks" | "riskEngine" | "logAnchor">): string[] {
  const names = Object.entries(soundStates).flatMap(([name, sound]) =>
    checks[name as keyof typeof checks] === sound ? [] : [name],
  );
  if (!soundRiskEngines.has(riskEngine)) names.push("risk_engine");
  if (!soundLogAnchors.has(logAnchor)) names.push("log_anchor");
  return names;
}

const soundRiskEngines: ReadonlySet<RiskEngineState> = new Set(["agrees", "not configured", "unknown"]);
const soundLogAnchors: ReadonlySet<LogAnchorState> = new Set([
  "anchored",
  "waiting",
  "not configured",
  "unknown",
]);

/** What nobody may learn here are errors' texts: operators see them in `/api/v1/operations/jobs`. */
async function describeJobs(
  { checks, dead, late }: Findings,
  { jobStates }: Pick<HealthParts, "jobStates">,
): Promise<object[]> {
  const states = checks.jobs === "unknown" ? [] : await jobStates().catch(() => []);
  const stateOf = ({ name, paused_at }: JobState): string => {
    if (dead.includes(name)) return "failed";
    if (paused_at !== undefined) return "paused";
    return late.includes(name) ? "late" : "up";
  };
  return states.map((job) => ({
    name: job.name,
    state: stateOf(job),
    last_run_at: job.newest_run?.started_at?.toISOString() ?? null,
    next_run_at: job.next?.toISOString() ?? null,
  }));
}

/** What was found of whether the service can do its work. */
export interface Findings {
  readonly isReady: boolean;
  readonly checks: Readonly<
    Record<"database" | "models" | "market_data" | "market_feed" | "jobs" | "events", string>
  >;
  readonly dead: readonly string[];
  readonly late: readonly string[];
  readonly eventsHeldSince: Date | undefined;
  /** Undefined when nobody could say. */
  readonly feed: Freshness | undefined;
  readonly riskEngine: RiskEngineState;
  readonly logAnchor: LogAnchorState;
}

/** Looks once. */
export async function findHealth({
  database,
  deadJobs,
  lateJobs,
  eventsHeldSince: askEvents,
  freshness,
  riskEngine: askRiskEngine,
  logAnchor: askLogAnchor,
}: Omit<HealthParts, "marketSource" | "jobStates">): Promise<Findings> {
  const state = await database.state();
  const isAsked = responds(state);
  const unknown = "unknown" as const;
  const [known, dead, late, held, riskEngine, logAnchor] = await Promise.all([
    isAsked ? freshness().catch(() => undefined) : undefined,
    isAsked ? deadJobs().catch(() => undefined) : undefined,
    isAsked ? lateJobs().catch(() => undefined) : undefined,
    isAsked ? askEvents().catch(() => unknown) : unknown,
    isAsked ? askRiskEngine().catch(() => unknown) : unknown,
    isAsked ? askLogAnchor().catch(() => unknown) : unknown,
  ]);
  const checks = {
    database: shownStates[state] ?? state,
    models: known?.models ?? "unknown",
    market_data: known?.market_data ?? "unknown",
    market_feed: known?.market_feed ?? "unknown",
    jobs: stateOfJobs(dead, late),
    events: stateOfEvents(held),
  };
  const isReady = state === "up" && known?.models === "up" && known.market_data === "current";
  const eventsHeldSince = held === "unknown" ? undefined : held;
  const jobs = { dead: dead ?? [], late: late ?? [] };
  return { isReady, checks, ...jobs, eventsHeldSince, feed: known, riskEngine, logAnchor };
}

/** What is left out of what is served, as far as there is any. */
function describeLosses(freshness: Freshness): object {
  const { quarantined_markets, dropped_markets, dropped_protocols } = freshness;
  const losses = { quarantined_markets, dropped_markets, dropped_protocols };
  return Object.fromEntries(Object.entries(losses).filter(([, names]) => names.length > 0));
}

/** Undefined is what nobody could say. */
function stateOfJobs(dead?: readonly string[], late?: readonly string[]): string {
  if (dead === undefined || late === undefined) return "unknown";
  if (dead.length > 0) return "failed";
  return late.length > 0 ? "late" : "up";
}

function stateOfEvents(held: Date | undefined | "unknown"): string {
  if (held === "unknown") return held;
  return held === undefined ? "up" : "held";
}
