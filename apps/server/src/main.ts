import { existsSync } from "node:fs";
import { loadEnvFile } from "node:process";
import { buildServer } from "./build-server.ts";
import { createDependencies } from "./create-dependencies.ts";
import { readEnvironment } from "./env.ts";
import { explainStartError } from "./explain-start-error.ts";
import { createLogger } from "./logger.ts";
import { assertPortIsFree } from "./port.ts";
import { prepareModels } from "./prepare-models.ts";
import { createConsole } from "./progress.ts";
import { stopOnSignal } from "./stop-on-signal.ts";

const console = createConsole((text) => process.stdout.write(text));
const stop = stopOnSignal(15_000, () => process.exit(1));

try {
  await serve();
} catch (error) {
  // A start that is interrupted has not failed.
  if (!stop.signal.aborted) {
    process.stderr.write(`${explainStartError(error)}\n`);
    process.exitCode = 1;
  }
}
process.exit();

async function serve(): Promise<void> {
  if (existsSync(".env")) loadEnvFile(".env");
  // biome-ignore lint/style/noProcessEnv: the one place that reads it; env.ts checks it.
  const env = readEnvironment(process.env);
  await assertPortIsFree(env.API_HOST, env.API_PORT);
  const logger = createLogger(env);
  const dependencies = await createDependencies({ env, log: logger, clock: () => new Date(), fetch });
  try {
    const { api, engine, source, sourceReason } = dependencies;
    console.line(`Database: ${engine === "pglite" ? `embedded, in ${env.DATA_DIRECTORY}` : "Postgres"}`);
    console.line(`Market source: ${source.name}. ${sourceReason}`);
    const models = await prepareModels(dependencies, { env, console, signal: stop.signal });
    stop.signal.throwIfAborted();
    const app = await buildServer({ api, models, env, logger });
    const address = await app.listen({ host: env.API_HOST, port: env.API_PORT });
    greet(env.PUBLIC_URL ?? address, source.simulated);
    await stop.requested;
    console.line("Stopping: finishing the requests in flight.");
    await app.close();
  } finally {
    await dependencies.close();
  }
}

function greet(base: string, isSimulated: boolean): void {
  console.line("");
  console.line(`API      ${base}/api/v1 (REST) and ${base}/trpc (tRPC)`);
  console.line(`Docs     ${base}/docs`);
  console.line(`Health   ${base}/health and ${base}/ready`);
  if (isSimulated) {
    console.line("");
    console.line("The market data are SIMULATED: figures to try things out with, not to invest on.");
    console.line("Set MARKET_SOURCE=defillama, or MARKET_SOURCE=file with MARKET_FILE, for real ones.");
  }
  console.line("");
  console.line("Press Ctrl-C to stop.");
}
