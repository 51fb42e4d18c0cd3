import { AppError } from "@obsqra/platform";
import type { FastifyInstance } from "fastify";
import { isAuthorized, metricsType } from "./scrape.ts";

/** What a server measures and shows. */
export interface MetricsRoute {
  /** Whoever has it may read `GET /metrics`; without one there is no such path here. */
  readonly token: string | undefined;
  readonly onResponse: (status: number) => void;
  readonly text: () => Promise<string>;
}

/** Counts responses, and serves `GET /metrics` to whoever has the token. */
export function registerMetrics(app: FastifyInstance, { token, onResponse, text }: MetricsRoute): void {
  app.addHook("onResponse", (_request, { statusCode }, done) => {
    onResponse(statusCode);
    done();
  });
  if (token === undefined) return;
  app.get("/metrics", async ({ headers }, reply) => {
    if (!isAuthorized(headers.authorization, token)) {
      throw new AppError("UNAUTHENTICATED", undefined);
    }
    return reply
      .header("cache-control", "no-store")
      .type(metricsType)
      .send(await text());
  });
}
