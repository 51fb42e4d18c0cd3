import { existsSync } from "node:fs";
import { loadEnvFile } from "node:process";
import { buildServer } from "./build-server.ts";
import { readEnvironment } from "./env.ts";
import { explainStartError } from "./explain-start-error.ts";
import { openApplication } from "./open-application.ts";
import { assertPortIsFree } from "./port.ts";
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
  const variables = process.env;
  const { API_HOST, API_PORT } = readEnvironment(variables);
  await assertPortIsFree(API_HOST, API_PORT);

  await using application = await openApplication(variables, { console, signal: stop.signal });
  const app = await buildServer(application);
  const address = await app.listen({ host: API_HOST, port: API_PORT });
  greet(application.env.PUBLIC_URL ?? address, application.source.simulated);
  await stop.requested;
  console.line("Stopping: finishing the requests in flight.");
  await app.close();
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
