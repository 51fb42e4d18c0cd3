import { isDatabaseReachable } from "@obsqra/db";
import type { ApiDependencies, LiveModels } from "@obsqra/features";
import type { FastifyInstance } from "fastify";

/** What readiness depends on. */
export interface HealthParts {
  readonly db: ApiDependencies["db"];
  readonly models: LiveModels | undefined;
}

/**
 * `/health` says that the process is alive, and nothing more, so that a database that is away does not get the process
 * restarted. `/ready` says whether it can do its work: the database responds and the models are loaded.
 */
export function registerHealth(app: FastifyInstance, { db, models }: HealthParts): void {
  app.get("/health", { logLevel: "warn" }, async () => ({ status: "ok" }));
  app.get("/ready", { logLevel: "warn" }, async (_request, reply) => {
    const database = await isDatabaseReachable(db);
    const checks = { database: toWord(database), models: toWord(models !== undefined) };
    const ready = database && models !== undefined;
    return reply
      .code(ready ? 200 : 503)
      .header("cache-control", "no-store")
      .send({ status: ready ? "ready" : "not ready", checks });
  });
}

function toWord(isUp: boolean): "up" | "down" {
  return isUp ? "up" : "down";
}
