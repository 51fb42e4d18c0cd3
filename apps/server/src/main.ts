import { startBackground } from "./background.ts";
import { backgroundJobs } from "./background-jobs.ts";
import { buildServer } from "./build-server.ts";
import { outboxDirectory } from "./email/create-mailer.ts";
import { loadEnvironment } from "./env.ts";
import { explainStartError } from "./explain-start-error.ts";
import { type Application, openApplication } from "./open-application.ts";
import { addressToListenOn, assertPortIsFree } from "./port.ts";
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
  const env = loadEnvironment();
  const { API_HOST: host, API_PORT: port } = env;
  const listeningHost = addressToListenOn(host);
  await assertPortIsFree(listeningHost, port);

  await using application = await openApplication(env, { console, signal: stop.signal });
  const app = await buildServer(application);
  const address = await app.listen({ host: listeningHost, port });
  await using background = startBackground(backgroundJobs(application), { log: application.logger });
  greet(application, env.PUBLIC_URL ?? address.replace("127.0.0.1", host));
  await stop.requested;
  console.line("Stopping: finishing the requests in flight.");
  await Promise.all([app.close(), background.close()]);
}

function greet({ api, env, source }: Application, base: string): void {
  console.line("");
  console.line(`API      ${base}/api/v1 (REST) and ${base}/trpc (tRPC)`);
  console.line(`Docs     ${base}/docs`);
  console.line(`Health   ${base}/health and ${base}/ready`);
  if (api.chain === undefined) {
    console.line("");
    console.line("Wallets cannot be linked: set STARKNET_RPC_URL to a Starknet node.");
  }
  if (env.SMTP_SERVER === undefined) {
    console.line("");
    console.line(`Mail is written to files in ${outboxDirectory(env)}: set SMTP_SERVER to send it.`);
  }
  if (source.simulated) {
    console.line("");
    console.line("The market data are SIMULATED: figures to try things out with, not to invest on.");
    console.line("Set MARKET_SOURCE=defillama, or MARKET_SOURCE=file with MARKET_FILE, for real ones.");
  }
  console.line("");
  console.line("Press Ctrl-C to stop.");
}
