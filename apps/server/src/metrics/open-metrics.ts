import type { Environment } from "../env.ts";
import { healthParts } from "../health-parts.ts";
import type { Application } from "../open-application.ts";
import { addressToListenOn, assertPortIsFree } from "../port.ts";
import type { Metrics } from "./create-metrics.ts";
import type { MetricsRoute } from "./register-metrics.ts";
import type { ScrapeServer } from "./scrape.ts";
import { shareReadings } from "./share-readings.ts";

type MetricsSettings = Pick<Environment, "METRICS_PORT" | "METRICS_TOKEN" | "API_HOST">;

/** Makes metrics where somebody may read them. A start without loads nothing of them. */
export async function openMetrics(env: MetricsSettings): Promise<Metrics | undefined> {
  if (env.METRICS_PORT === undefined && env.METRICS_TOKEN === undefined) return undefined;
  const { createMetrics } = await import("./create-metrics.ts");
  return createMetrics();
}

/** Before the long steps of a start. @throws CannotListenError */
export async function assertMetricsPortIsFree({ METRICS_PORT, API_HOST }: MetricsSettings): Promise<void> {
  if (METRICS_PORT !== undefined)
    await assertPortIsFree(addressToListenOn(API_HOST), METRICS_PORT, "METRICS_PORT");
}

/** How the metrics of a process are read. */
export interface ServedMetrics extends AsyncDisposable {
  readonly route: MetricsRoute;
}

/**
 * Shows the metrics of an application, on METRICS_PORT and to its server.
 *
 * @param watchesService whether the figures of the service are among them
 * @param isMember whether it is one of several processes on one port, whose metrics another puts together
 */
export async function serveMetrics(
  { env, api, database, metrics, logger }: Application,
  { watchesService, isMember }: { readonly watchesService: boolean; readonly isMember: boolean },
): Promise<ServedMetrics | undefined> {
  if (metrics === undefined) return undefined;
  if (watchesService) {
    const { watchService } = await import("./watch-service.ts");
    const health = healthParts({ api, database, horizonDays: env.PREDICTION_WINDOW_DAYS });
    watchService(metrics, { api, health });
  }
  const { shareMetrics } = await import("./metrics-of-processes.ts");
  const text = shareReadings(isMember ? shareMetrics(metrics.values) : metrics.text);
  const onError = (err: unknown) => logger.error({ err }, "The metrics could not be read.");
  const scraped = isMember ? undefined : await listen(env, { text, onError });
  return {
    route: { token: env.METRICS_TOKEN, onResponse: metrics.onResponse, text },
    [Symbol.asyncDispose]: async () => scraped?.[Symbol.asyncDispose](),
  };
}

/** Shows the metrics of all processes on one port, from the one that watches over them. */
export async function gatherAllMetrics(env: MetricsSettings): Promise<AsyncDisposable | undefined> {
  if (env.METRICS_PORT === undefined && env.METRICS_TOKEN === undefined) return undefined;
  const { gatherMetrics } = await import("./metrics-of-processes.ts");
  return listen(env, { text: shareReadings(gatherMetrics()), onError: () => {} });
}

async function listen(
  { METRICS_PORT, METRICS_TOKEN, API_HOST }: MetricsSettings,
  parts: { readonly text: () => Promise<string>; readonly onError: (error: unknown) => void },
): Promise<ScrapeServer | undefined> {
  if (METRICS_PORT === undefined) return undefined;
  const { serveScrapes } = await import("./scrape.ts");
  const host = addressToListenOn(API_HOST);
  return serveScrapes({ ...parts, host, port: METRICS_PORT, token: METRICS_TOKEN });
}
