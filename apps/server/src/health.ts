import type { OpenDatabase } from "@obsqra/db";
import type { LiveModels } from "@obsqra/features";
import type { FastifyInstance } from "fastify";

/** What readiness depends on. */
export interface HealthParts {
  readonly database: Pick<OpenDatabase, "state">;
  readonly models: LiveModels | undefined;
}

/**
 * `/health` says that the process is alive, and nothing more, so that a database that is away does not get the process
 * restarted. `/ready` says whether it can do its work: the database responds, has room to write, and the models are loaded.
 */
export function registerHealth(app: FastifyInstance, { database, models }: HealthParts): void {
  app.get("/health", { logLevel: "warn" }, async () => ({ status: "ok" }));
  app.get("/ready", { logLevel: "warn" }, async (_request, reply) => {
    const state = await database.state();
    const checks = {
      database: state === "full" ? "disk full" : state,
      models: models === undefined ? "down" : "up",
    };
    const ready = state === "up" && models !== undefined;
    return reply
      .code(ready ? 200 : 503)
      .header("cache-control", "no-store")
      .send({ status: ready ? "ready" : "not ready", checks });
  });
}
