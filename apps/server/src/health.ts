import type { DatabaseState, OpenDatabase } from "@obsqra/db";
import type { Freshness } from "@obsqra/features";
import type { FastifyInstance } from "fastify";

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
  /** Name of the market source. */
  readonly marketSource: string;
}

/** Whoever asks them decides whether this server is restarted or gets requests at all, and does so every few seconds. */
export const healthPaths: ReadonlySet<string | undefined> = new Set(["/health", "/ready"]);

/**
 * `/health` says that the process is alive, and nothing more, so that a database that is away does not get the process
 * restarted. `/ready` says whether it can do its work: the database responds and has room to write, there are models, and the market
 * data is as new as its source's rhythm allows. A job that has failed, or that nobody runs, is named, and takes nobody off a
 * balancer: every replica would say the same.
 */
export function registerHealth(app: FastifyInstance, { marketSource, ...parts }: HealthParts): void {
  app.get("/health", async () => ({ status: "ok" }));
  let looking: Promise<Findings> | undefined;
  app.get("/ready", async (_request, reply) => {
    // Nobody's questions are counted here: however many come at once, the database is asked by one at a time.
    looking ??= look(parts).finally(() => {
      looking = undefined;
    });
    const { checks, dead, late, isReady } = await looking;
    return reply
      .code(isReady ? 200 : 503)
      .header("cache-control", "no-store")
      .send({
        status: isReady ? "ready" : "not ready",
        checks,
        ...(dead.length > 0 && { failed_jobs: dead }),
        ...(late.length > 0 && { late_jobs: late }),
        market_source: { name: marketSource, simulated: marketSource === "simulated" },
      });
  });
}

interface Findings {
  readonly isReady: boolean;
  readonly checks: Readonly<Record<string, string>>;
  readonly dead: readonly string[];
  readonly late: readonly string[];
}

async function look({
  database,
  deadJobs,
  lateJobs,
  freshness,
}: Omit<HealthParts, "marketSource">): Promise<Findings> {
  const state = await database.state();
  const isAsked = state === "up" || state === "full";
  const known = isAsked ? await freshness().catch(() => undefined) : undefined;
  const dead = isAsked ? await deadJobs().catch(() => undefined) : undefined;
  const late = isAsked ? await lateJobs().catch(() => undefined) : undefined;
  const checks = {
    database: shownStates[state] ?? state,
    models: known?.models ?? "unknown",
    market_data: known?.market_data ?? "unknown",
    jobs: stateOfJobs(dead, late),
  };
  const isReady = state === "up" && known?.models === "up" && known.market_data === "current";
  return { isReady, checks, dead: dead ?? [], late: late ?? [] };
}

/** Undefined is what nobody could say. */
function stateOfJobs(dead?: readonly string[], late?: readonly string[]): string {
  if (dead === undefined || late === undefined) return "unknown";
  if (dead.length > 0) return "failed";
  return late.length > 0 ? "late" : "up";
}
