import { randomBytes } from "node:crypto";
import { setTimeout } from "node:timers/promises";
import {
  assertIntact,
  type DatabaseListeners,
  type DatabaseLocation,
  migrate,
  type OpenDatabase,
  openDatabase,
} from "@obsqra/db";
import type { ApiDependencies } from "@obsqra/features";
import {
  assertLogContinues,
  canSignLog,
  createGasQuotes,
  createIdentityProviders,
  createPasswordHasher,
  defaultThrottleLimits,
  findImport,
  listJobs,
  relyingPartyOf,
} from "@obsqra/features";
import { assertReadableFile, createMarketSource, type MarketSource, MarketSourceError } from "@obsqra/market";
import type { Logger, StreamLimits } from "@obsqra/platform";
import {
  accessTokenSettings,
  createCallTurns,
  createEventStreams,
  createIdGenerator,
  createReadReplica,
  createResponseCache,
  createSealer,
  createSharedCache,
  createSharedResponses,
  defaultStorageQuotas,
  defaultStreamLimits,
  gatherBytes,
  requireExactOutput,
  trustOutput,
} from "@obsqra/platform";
import { createRpcChainReader, createRpcRiskEngineReader, parseAddress } from "@obsqra/starknet";
import { createConfiguredCallLimiter } from "./create-call-limiter.ts";
import { createFees } from "./create-fees.ts";
import { createLogAnchoring } from "./create-log-anchoring.ts";
import { createWitness } from "./create-witness.ts";
import type { Environment } from "./env.ts";
import type { Metrics } from "./metrics/create-metrics.ts";
import { createOptimizerThread } from "./optimization/optimizer-thread.ts";
import { openRedis } from "./redis.ts";
import { readSecretKeys } from "./secret-key.ts";
import { bothListeners, bothMeters } from "./tracing/both.ts";
import type { Tracing } from "./tracing/create-tracing.ts";

/** The parts of a running server, wired together. */
export interface ServerDependencies {
  readonly api: ApiDependencies;
  readonly source: MarketSource;
  /** Why this market source was chosen, in a sentence. */
  readonly sourceReason: string;
  readonly database: Pick<OpenDatabase, "engine" | "state" | "writes">;
  close(): Promise<void>;
}

/** What comes from outside the process. */
export interface ServerInputs {
  readonly env: Environment;
  readonly log: Logger;
  readonly clock: () => Date;
  readonly fetch: typeof fetch;
  /** @default nothing is measured */
  readonly metrics?: Metrics | undefined;
  /** @default nothing is traced */
  readonly tracing?: Tracing | undefined;
}

/**
 * Opens the database, brings its schema up to date and makes everything that the API needs.
 *
 * @throws DatabaseUnavailableError, DataDirectoryLockedError, LogChangedError, MarketSourceError
 */
export async function createDependencies(inputs: ServerInputs): Promise<ServerDependencies> {
  const { env, log, clock, metrics, tracing } = inputs;
  // Before a database is made for it.
  if (env.MARKET_FILE !== undefined) await assertMarketFile(env.MARKET_FILE);
  let isReady = false;
  const database = await openDatabase(databaseLocation(env), {
    onConnectionError: (loss) => log.warn(loss, "An idle connection to the database was lost."),
    // What shows before is the reason why there is no start.
    onDamage: (err) => {
      if (isReady) log.error({ err }, "The database is damaged: restore it from a backup, then start again.");
    },
    statements: bothListeners(metrics?.statements, tracing?.statements),
  });
  if (database.connections !== undefined) metrics?.watchConnections(database.connections);
  const replica = await openReplica(env, metrics?.statements);
  const redis =
    env.REDIS_URL === undefined
      ? undefined
      : await openRedis(env.REDIS_URL, (loss) => log.warn(loss, "The connection to Redis was lost."));
  const optimizer = createOptimizerThread();
  let endStreams = () => {};
  const close = async () => {
    endStreams();
    await optimizer[Symbol.asyncDispose]();
    redis?.disconnect();
    await replica?.close();
    await database.close();
  };
  try {
    await assertIntact(database.db);
    await migrate(database.db);
    await assertLogContinues(database);
    const { source, reason } = await chooseMarketSource(inputs, database.db);
    const secretKeys = readSecretKeys(env, randomBytes);
    const sealer = createSealer(secretKeys, randomBytes);
    if (!(await canSignLog({ db: database.db, sealer }))) {
      log.warn(
        {},
        "The transparency log stands still: its key was sealed with another SECRET_KEY. Put that one into PREVIOUS_SECRET_KEYS; if it has leaked, run pnpm log rotate-key with it first.",
      );
    }
    const passwordHasher = await createPasswordHasher();
    const accessTokens = accessTokenSettings(secretKeys, env.ACCESS_TOKEN_EXPIRE_MINUTES);
    const callLimiter = createConfiguredCallLimiter({ env, db: database.db, redis, clock, log });
    const eventStreams = createEventStreams(
      { db: database.db, clock, log, accessTokens, callLimiter },
      { limits: streamLimits(env) },
    );
    endStreams = eventStreams.close;
    const riskEngine = createRiskEngine(inputs);
    const logAnchoring = createLogAnchoring(inputs);
    const api: ApiDependencies = {
      db: database.db,
      readReplica: replica && createReadReplica({ db: database.db, replica: replica.db, log }),
      clock,
      randomBytes,
      createId: createIdGenerator({ clock, randomBytes: gatherBytes(randomBytes) }),
      log,
      passwordHasher,
      accessTokens,
      sealer,
      throttleLimits: defaultThrottleLimits,
      callLimiter,
      eventStreams,
      // The embedded database does one thing at a time, so that more of them would only wait there instead, out of turn.
      callMeter: bothMeters(metrics?.calls, tracing?.calls),
      callTurns: createCallTurns(database.engine === "pglite" ? { atOnce: 2 } : {}),
      // As long as for a connection to Postgres.
      connectionWaitMs: database.engine === "pglite" ? 5_000 : undefined,
      sharedResponses: createSharedResponses(),
      checkOutput: env.ENVIRONMENT === "production" ? trustOutput : requireExactOutput,
      publicRead: env.PUBLIC_READ,
      pause: setTimeout,
      chain: createChain(inputs),
      protocolContracts: new Set(env.PROTOCOL_CONTRACTS.map(parseAddress)),
      riskEngine,
      publicUrl: publicUrl(env),
      gasQuotes: createGasQuotes({ fees: createFees(inputs), clock, log }),
      relyingParty: relyingPartyOf(env.APP_URL ?? publicUrl(env), publicUrl(env)),
      identityProviders: createIdentityProviders(env.IDENTITY_PROVIDERS, {
        ...{ fetch: inputs.fetch, clock, log },
        publicUrl: publicUrl(env),
      }),
      optimizer,
      storageQuotas: readStorageQuotas(env),
      // Embedded, there is one process, whose memory is enough: asking the database would only be a detour.
      cache: createResponseCache({
        log,
        shared:
          database.engine === "postgres" ? createSharedCache({ db: database.db, clock, log }) : undefined,
      }),
      jobs: listJobs(source, {
        hasChain: env.STARKNET_RPC_URL !== undefined,
        hasRiskEngine: riskEngine !== undefined,
        hasLogAnchor: logAnchoring !== undefined,
      }),
      marketSource: source.name,
      logWitnesses: env.LOG_WITNESSES.map((witness) => createWitness(witness, inputs.fetch)),
      logAnchoring,
      publishSnapshots: env.PUBLISH_SNAPSHOTS,
      webhookTargets: env.WEBHOOK_TARGETS,
    };
    isReady = true;
    return { api, source, sourceReason: reason, database, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Opens the standby, where there is one. That it is away keeps nobody from starting. */
async function openReplica(
  { DATABASE_REPLICA_URL: url }: Environment,
  statements: DatabaseListeners["statements"],
): Promise<OpenDatabase | undefined> {
  return url === undefined ? undefined : openDatabase({ url }, { statements });
}

/** Names the path, which the package of market sources keeps to itself. */
async function assertMarketFile(path: string): Promise<void> {
  try {
    await assertReadableFile(path);
  } catch (error) {
    if (!(error instanceof MarketSourceError)) throw error;
    throw new MarketSourceError(error.code, `MARKET_FILE is ${path}. ${error.message}`, { cause: error });
  }
}

async function chooseMarketSource({ env, clock, fetch }: ServerInputs, db: ApiDependencies["db"]) {
  // Without a stated source, live history that is stored already is better than a simulated one, even while the feed
  // cannot be reached.
  const hasLiveHistory = (await findImport({ db, clock }, "defillama")) !== undefined;
  const source = env.MARKET_SOURCE ?? (hasLiveHistory ? "defillama" : undefined);
  const chosen = await createMarketSource(
    { source, filePath: env.MARKET_FILE, defillamaUrl: env.DEFILLAMA_URL },
    { clock, fetch },
  );
  if (chosen.source.simulated && env.ENVIRONMENT === "production" && env.MARKET_SOURCE !== "simulated") {
    throw new MarketSourceError(
      "UNREACHABLE",
      `${chosen.reason} In production nobody is advised on invented figures by accident: start again when DefiLlama can be reached, set MARKET_SOURCE=defillama or file, or state MARKET_SOURCE=simulated.`,
    );
  }
  return chosen;
}

function streamLimits(env: Environment): StreamLimits {
  const { STREAMS_PER_ADDRESS: perAddress, STREAMS_PER_USER: perOwner } = env;
  return { ...defaultStreamLimits, perAddress, perOwner };
}

function readStorageQuotas(env: Environment): ApiDependencies["storageQuotas"] {
  const mebibyte = 1024 * 1024;
  const { STORAGE_MIB_FREE: free, STORAGE_MIB_PRO: pro } = env;
  return {
    free: free === undefined ? defaultStorageQuotas.free : free * mebibyte,
    pro: pro === undefined ? defaultStorageQuotas.pro : pro * mebibyte,
  };
}

/** The origin that users see. A deployment may name that of its frontend only. */
export function publicUrl(env: Pick<Environment, "PUBLIC_URL" | "APP_URL" | "API_PORT">): string {
  return env.PUBLIC_URL ?? env.APP_URL ?? `http://localhost:${env.API_PORT}`;
}

/** Where the configured database is. */
export function databaseLocation(
  env: Pick<Environment, "DATABASE_URL" | "DATA_DIRECTORY" | "DATA_DURABILITY">,
): DatabaseLocation {
  return env.DATABASE_URL === undefined
    ? { dataDirectory: env.DATA_DIRECTORY, durability: env.DATA_DURABILITY }
    : { url: env.DATABASE_URL };
}

function createChain({ env, fetch }: ServerInputs): ApiDependencies["chain"] {
  if (env.STARKNET_RPC_URL === undefined) return undefined;
  return createRpcChainReader({ url: env.STARKNET_RPC_URL, expectedChainId: env.STARKNET_CHAIN_ID, fetch });
}

function createRiskEngine({ env, fetch }: ServerInputs): ApiDependencies["riskEngine"] {
  const { STARKNET_RPC_URL: url, RISK_ENGINE_ADDRESS: contract, STARKNET_CHAIN_ID: expectedChainId } = env;
  if (url === undefined || contract === undefined) return undefined;
  return createRpcRiskEngineReader({ url, contract, expectedChainId, fetch });
}
