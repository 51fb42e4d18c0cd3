import { type ApiDependencies, loadLiveModels, writeLog } from "@obsqra/features";
import type { MarketSource } from "@obsqra/market";
import type { Logger } from "pino";
import { createDependencies, type ServerDependencies } from "./create-dependencies.ts";
import type { Environment } from "./env.ts";
import { openErrorTracking } from "./error-tracking/open-error-tracking.ts";
import { createLogger, flushLog } from "./logger.ts";
import type { Metrics } from "./metrics/create-metrics.ts";
import { prepareModels } from "./prepare-models.ts";
import { type Console, createConsole } from "./progress.ts";
import type { Tracing } from "./tracing/create-tracing.ts";
import { openTracing } from "./tracing/open-tracing.ts";
import { traceFetch } from "./tracing/trace-outgoing.ts";
import { watchGas } from "./watch-gas.ts";

/** Everything but the network: ready to be served, or to be called in process. */
export interface Application extends AsyncDisposable {
  readonly env: Environment;
  readonly api: ApiDependencies;
  readonly database: ServerDependencies["database"];
  readonly source: MarketSource;
  readonly logger: Logger;
  /** Undefined where nothing is measured. */
  readonly metrics: Metrics | undefined;
  /** Undefined where nobody collects traces. */
  readonly tracing: Tracing | undefined;
}

/** How a caller follows, or stops, the opening. */
export interface OpenOptions {
  /** @default says nothing */
  readonly console?: Console;
  readonly signal?: AbortSignal;
  /** @default nothing is measured */
  readonly metrics?: Metrics | undefined;
  /** As whom traces are sent, where they are collected. @default obsqra-server */
  readonly serviceName?: string;
  /**
   * Whether history is loaded and models are trained where that is due, or whether that is left to another process, which may
   * not have come to it yet. @default true
   */
  readonly preparesModels?: boolean;
}

/**
 * Opens the database, loads market history and makes models ready, as the environment configures it. Close it with
 * `await using`.
 *
 * @throws DatabaseUnavailableError, DataDirectoryLockedError, LogChangedError, MarketSourceError; the signal's reason when it aborts
 */
export async function openApplication(
  env: Environment,
  {
    console = createConsole(() => {}),
    signal = new AbortController().signal,
    preparesModels = true,
    metrics,
    serviceName = "obsqra-server",
  }: OpenOptions = {},
): Promise<Application> {
  const traced = await openTracing(env, serviceName, (err, message) => logger.warn({ err }, message));
  const tracing = traced?.tracing;
  const tracking = await openErrorTracking(env, serviceName);
  const logger = createLogger(env, undefined, { mixin: tracing?.current, tracking });
  const dependencies = await createDependencies({
    env,
    log: logger,
    clock: () => new Date(),
    fetch: tracing === undefined ? fetch : traceFetch(fetch, tracing),
    metrics,
    tracing,
  });
  const { api, database, source, sourceReason } = dependencies;
  const endGasWatch = watchGas(api);
  const close = async () => {
    endGasWatch();
    await dependencies.close();
    await traced?.[Symbol.asyncDispose]();
    await tracking?.[Symbol.asyncDispose]();
    await flushLog(logger);
  };
  try {
    console.line(`Database: ${describeDatabase(database.engine, env)}`);
    console.line(`Market source: ${source.name}. ${sourceReason}`);
    if (preparesModels) {
      await prepareModels(dependencies, { env, console, signal });
      // The forecasts of a first start have a receipt from the first request on.
      await writeLog(api, signal);
    } else await loadLiveModels(api, { horizonDays: env.PREDICTION_WINDOW_DAYS });
    signal.throwIfAborted();
    return { env, api, database, source, logger, metrics, tracing, [Symbol.asyncDispose]: close };
  } catch (error) {
    await close();
    throw error;
  }
}

function describeDatabase(engine: "pglite" | "postgres", env: Environment): string {
  if (engine === "postgres") return "Postgres";
  const warning =
    env.DATA_DURABILITY === "relaxed"
      ? ". DATA_DURABILITY=relaxed: a power cut can lose the last changes"
      : "";
  return `embedded, in ${env.DATA_DIRECTORY}${warning}`;
}
