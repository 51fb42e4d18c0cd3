import type { AddressInfo } from "node:net";
import { stateByAsking } from "@obsqra/db/testing";
import {
  cleanUp,
  deliverEmails,
  findImport,
  importDataset,
  loadLiveModels,
  type OutgoingEmail,
  registerProtocols,
  retrainModels,
} from "@obsqra/features";
import { createTestClock, forecastHere, promoteAlways } from "@obsqra/features/testing";
import { createSimulatedSource } from "@obsqra/market";
import { trainModels } from "@obsqra/ml";
import { riskScore } from "@obsqra/starknet";
import { buildServer } from "../../../src/build-server.ts";
import { createDependencies } from "../../../src/create-dependencies.ts";
import { readEnvironment } from "../../../src/env.ts";
import { createLogger } from "../../../src/logger.ts";
import { defaultServerLimits } from "../../../src/server-limits.ts";
import type { PlantedBug } from "./planted-bugs.ts";
import { plantBugs } from "./planted-bugs.ts";

/** A mail with a link, as it went out. */
export interface SentLink {
  readonly to: string;
  readonly subject: string;
  readonly token: string;
}

/** What the server's process needs of memory, in bytes, after it was cleaned up. */
export interface MemoryUse {
  /** Objects of JavaScript. */
  readonly heap: number;
  /** What belongs to objects but is not on the heap: buffers, the embedded database. */
  readonly external: number;
  readonly resident: number;
}

/** What the fuzzer can do beside sending requests: time, mail and background jobs are not on the network. */
export interface FuzzServer {
  readonly url: string;
  advance(milliseconds: number): void;
  /** Sends the mail that waits; gives what has gone out since the last time. */
  takeMail(): Promise<SentLink[]>;
  /** Erases accounts whose time has come, and deletes what has expired. */
  cleanUp(): Promise<void>;
  /** Loads market history up to now and forecasts from it. */
  forecast(): Promise<void>;
  measureMemory(): MemoryUse;
  /** Lines that were logged as an error since the last time. */
  takeErrors(): string[];
  /** Makes the server do something wrong, or nothing wrong any more. */
  plant(bug: PlantedBug | undefined): void;
  close(): Promise<void>;
}

/** Where and on what a server runs. */
export interface FuzzServerOptions {
  /** Environment variables, of which there are no others. */
  readonly variables: Readonly<Record<string, string>>;
}

/** Nobody is slowed down: what the limits do is tested elsewhere, and here everybody comes from one address. */
const unlimited = {
  perEmailAndIp: 1_000_000,
  perIp: 1_000_000,
  mailsPerEmailAndIp: 1_000_000,
  mailsPerIp: 1_000_000,
};

const errorLevel = 50;

/** Enough to train on. */
const historyDays = 90;

const horizonDays = 7;

/** Starts the server as `pnpm start` wires it, except for its clock, its mail and its limits. */
export async function startFuzzServer({ variables }: FuzzServerOptions): Promise<FuzzServer> {
  const env = readEnvironment(variables);
  const clock = createTestClock();
  const errors: string[] = [];
  const write = (line: string) => {
    if ((JSON.parse(line) as { level: number }).level >= errorLevel) errors.push(line);
  };
  const logger = createLogger(env, { write });
  const { api, close } = await createDependencies({ env, log: logger, clock, fetch });
  const deps = { ...api, throttleLimits: unlimited };
  await registerProtocols(deps);
  const source = createSimulatedSource({ seed: 1, clock, days: historyDays });
  const forecast = async () => {
    await importDataset(deps, await source.load());
    return retrainModels(deps, {
      horizonDays,
      train: async (panel) =>
        trainModels(panel, { horizonDays, backtestDays: 14, seed: 1, scoreRisk: riskScore }),
      decide: promoteAlways,
      forecast: forecastHere,
    });
  };
  const stored = await findImport(deps, source.name);
  const isForecast =
    stored !== undefined && (await loadLiveModels(deps, { horizonDays, importId: stored.id })) !== undefined;
  if (!isForecast) await forecast();
  // Training holds up this process, on a busy machine for seconds; nobody is to be sent away for that.
  const limits = { ...defaultServerLimits, eventLoopDelayMs: Number.POSITIVE_INFINITY };
  const app = await buildServer({ api: deps, database: stateByAsking(deps.db), env, logger, limits });
  const plant = plantBugs(app);
  await app.listen({ host: "127.0.0.1", port: 0 });
  const { port } = app.server.address() as AddressInfo;

  const outbox: OutgoingEmail[] = [];
  const mailer = { send: async (email: OutgoingEmail) => void outbox.push(email) };
  const signal = new AbortController().signal;
  return {
    url: `http://127.0.0.1:${port}`,
    advance: (milliseconds) => clock.advance(milliseconds),
    takeMail: async () => {
      await deliverEmails({ ...deps, mailer, appUrl: deps.publicUrl }, signal);
      return outbox.splice(0).flatMap(readLink);
    },
    cleanUp: async () => {
      await cleanUp(deps, signal);
    },
    forecast: async () => {
      await forecast();
    },
    measureMemory: () => {
      globalThis.gc?.();
      const { heapUsed, external, rss } = process.memoryUsage();
      return { heap: heapUsed, external, resident: rss };
    },
    takeErrors: () => errors.splice(0),
    plant,
    close: async () => {
      await app.close();
      await close();
    },
  };
}

/** The token of a link stands behind its `#`, so that it reaches no server's log. */
function readLink({ to, subject, text }: OutgoingEmail): SentLink[] {
  const token = /#(?:token=)?([\w-]+)$/m.exec(text)?.[1];
  return token === undefined ? [] : [{ to, subject, token }];
}
