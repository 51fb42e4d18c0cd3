import { fileURLToPath } from "node:url";
import { setFlagsFromString } from "node:v8";
import { serveBackups } from "./backup/serve-backups.ts";
import { buildServer } from "./build-server.ts";
import { describeOutbox } from "./email/create-mailer.ts";
import type { Environment } from "./env.ts";
import { explainStartError } from "./explain-start-error.ts";
import { assertMetricsPortIsFree, openMetrics, serveMetrics } from "./metrics/open-metrics.ts";
import { type Application, openApplication } from "./open-application.ts";
import { addressToListenOn, assertPortIsFree } from "./port.ts";
import { type Console, createConsole } from "./progress.ts";
import { defaultServerLimits } from "./server-limits.ts";
import type { ServerParameters } from "./server-parameters.ts";
import { startWork } from "./start-work.ts";
import type { Stop } from "./stop-on-signal.ts";
import type { Place } from "./this-process.ts";
import { readWebPages } from "./web-pages/read-web-pages.ts";

/** Where `apps/web/build.ts` puts the pages. */
const webPagesFolder = fileURLToPath(new URL("../../web/dist", import.meta.url));

/** Where the server runs, and how it learns that it should stop. */
export interface ServerPlace extends Omit<Place, "parameters"> {
  readonly stop: Stop;
}

/**
 * Runs the server until it is asked to stop, and says why when it cannot start.
 *
 * @param member which of several processes on one port it is. @default it is alone
 * @returns the exit code
 */
export async function runServer(
  { readEnvironment, write, complain, stop }: ServerPlace,
  member: ServerParameters = { processes: 1, isFirst: true },
): Promise<number> {
  try {
    await serve(readEnvironment(), { member, write, stop });
    return 0;
  } catch (error) {
    // A start that is interrupted has not failed.
    if (stop.signal.aborted) return 0;
    complain(`${explainStartError(error)}\n`);
    return 1;
  }
}

/** By how much the heap grows between two collections of all of it while requests are served. */
const heapGrowthPercent = 50;

interface Serving extends Pick<ServerPlace, "write" | "stop"> {
  readonly member: ServerParameters;
}

async function serve(env: Environment, { member, write, stop }: Serving): Promise<void> {
  const { API_HOST: host, API_PORT: port } = env;
  const { processes, isFirst } = member;
  const listeningHost = addressToListenOn(host);
  // Of several processes, the one that has started them has looked.
  if (processes === 1) {
    await assertPortIsFree(listeningHost, port);
    await assertMetricsPortIsFree(env);
  }

  const metrics = await openMetrics(env);
  // The first speaks for all.
  const console = createConsole(isFirst ? write : () => {});
  const runsJobs = env.JOBS === "here" && isFirst;
  await using application = await openApplication(env, {
    console,
    signal: stop.signal,
    preparesModels: runsJobs,
    metrics,
  });
  await using scraped = await serveMetrics(application, { watchesService: isFirst, isMember: processes > 1 });
  // Connections are dealt out in turn, so that each process has its share of an address's.
  const connectionsPerAddress = Math.ceil(env.CONNECTIONS_PER_ADDRESS / processes);
  const limits = {
    ...defaultServerLimits,
    connectionsPerAddress,
    requestsPerSecondOfAddress: Math.ceil(env.REQUESTS_PER_SECOND_PER_ADDRESS / processes),
    webSocketsPerAddress: env.STREAMS_PER_ADDRESS,
  };
  const web = await readWebPages(webPagesFolder);
  await using _backups =
    env.DATABASE_URL === undefined ? await serveBackups(application.api, env.DATA_DIRECTORY) : undefined;
  const app = await buildServer({ ...application, limits, web, metricsRoute: scraped?.route });
  const address = await app.listen({ host: listeningHost, port });
  // A start has a process that trains beside it, and keeps its heap small. From now on, calls take less time with a larger one.
  setFlagsFromString(`--heap-growing-percent=${heapGrowthPercent}`);
  await using work = runsJobs ? await startWork(application) : undefined;
  greet(application, console, env.PUBLIC_URL ?? address.replace("127.0.0.1", host));
  await stop.requested;
  console.line("Stopping: finishing the requests in flight.");
  await Promise.all([app.close(), work?.close()]);
}

function greet({ api, env, source }: Application, console: Console, base: string): void {
  console.line("");
  console.line(`Pages    ${base}`);
  console.line(`API      ${base}/api/v1 (REST) and ${base}/trpc (tRPC)`);
  if (env.GRAPHQL) console.line(`GraphQL  ${base}/graphql`);
  console.line(`Docs     ${base}/docs`);
  console.line(`Health   ${base}/health and ${base}/ready`);
  if (env.JOBS === "elsewhere") {
    console.line("");
    console.line("Jobs and mail are left to a worker: start one with pnpm start:worker.");
  }
  if (api.chain === undefined) {
    console.line("");
    console.line("Wallets cannot be linked: set STARKNET_RPC_URL to a Starknet node.");
    if (env.RISK_ENGINE_ADDRESS !== undefined) {
      console.line("Nor is the contract at RISK_ENGINE_ADDRESS asked: that takes the node, too.");
    }
  }
  if (api.chain !== undefined && api.riskEngine === undefined) {
    console.line("");
    console.line("Risk scores are compared with no contract: set RISK_ENGINE_ADDRESS to a RiskEngine.");
  }
  const outbox = env.JOBS === "here" ? describeOutbox(env) : undefined;
  if (outbox !== undefined) {
    console.line("");
    console.line(outbox);
  }
  if (source.simulated) {
    console.line("");
    console.line("The market data are SIMULATED: figures to try things out with, not to invest on.");
    console.line("Set MARKET_SOURCE=defillama, or MARKET_SOURCE=file with MARKET_FILE, for real ones.");
  }
  console.line("");
  console.line("Press Ctrl-C to stop.");
}
