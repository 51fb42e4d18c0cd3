import * as crypto from "node:crypto";
import { createTestDatabase } from "@obsqra/db/testing";
import { type Adviser, createAdviser } from "@obsqra/ml";
import type {
  CallLimiter,
  EventStreamOptions,
  RequestFacts,
  SharedResponses,
  StorageQuotas,
} from "@obsqra/platform";
import {
  accessTokenSettings,
  createCallTurns,
  createEventStreams,
  createIdGenerator,
  createResponseCache,
  createSealer,
  createSharedCache,
  defaultStorageQuotas,
  requireExactOutput,
} from "@obsqra/platform";
import { createTestClock, type TestClock } from "@obsqra/platform/testing";
import type { ChainReader, RiskEngineReader } from "@obsqra/starknet";
import type { PasswordHasher } from "../accounts/passwords/password-hasher.ts";
import { defaultThrottleLimits, type ThrottleLimits } from "../accounts/throttle/throttle.service.ts";
import type { ApiDependencies } from "../dependencies.ts";
import { listJobs } from "../list-jobs.ts";
import { findImport, registerProtocols } from "../market/market.service.ts";
import { createGasQuotes } from "../predictions/advice/gas-quotes.ts";
import { optimizeHere } from "../predictions/advice/optimizer.ts";
import { type LiveModels, loadLiveModels } from "../predictions/models/models.service.ts";
import { createCaller } from "../root.ts";
import { createRememberingHasher } from "./remembering-hasher.ts";
import { createTestIdentityProvider } from "./test-identity-provider.ts";

/** The whole API on a database of its own, with everything that varies under the test's control. */
export interface TestApi extends AsyncDisposable {
  readonly deps: ApiDependencies;
  readonly clock: TestClock;
  /** What was logged, oldest first. */
  readonly logged: { readonly facts: object; readonly message: string }[];
  readonly models: LiveModels | undefined;
  /** Calls procedures as the owner of an access token, or as nobody; from where it does not matter, unless it is given. */
  caller(accessToken?: string, from?: Partial<RequestFacts>): ReturnType<typeof createCaller>;
  /** Registers a user, by default one whom nobody has used before, and returns a caller for them. */
  signUp(email?: string): Promise<ReturnType<typeof createCaller>>;
}

/** What a test may choose. */
export interface TestApiOptions {
  readonly chain?: ChainReader;
  readonly riskEngine?: RiskEngineReader;
  readonly logAnchoring?: ApiDependencies["logAnchoring"];
  /** @default gas is counted as documented */
  readonly gasQuotes?: ApiDependencies["gasQuotes"];
  /** Stands in for the real optimiser. */
  readonly optimizer?: Adviser;
  /** The source whose figures are served. @default "simulated" */
  readonly marketSource?: string;
  /** Whether there are simulated history, models and their forecasts from the start. @default false */
  readonly withForecasts?: boolean;
  /** @default 30, and months with forecasts: days pass in tests of these */
  readonly accessTokenMinutes?: number;
  readonly webhookTargets?: ApiDependencies["webhookTargets"];
  /** @default none */
  readonly protocolContracts?: ApiDependencies["protocolContracts"];
  /** @default none */
  readonly logWitnesses?: ApiDependencies["logWitnesses"];
  /** @default true */
  readonly publishSnapshots?: boolean;
  readonly throttleLimits?: ThrottleLimits;
  readonly storageQuotas?: StorageQuotas;
  /** Made with the database of the test. @default calls are not counted */
  readonly createCallLimiter?: (deps: Pick<ApiDependencies, "db" | "clock" | "log">) => CallLimiter;
  readonly passwordHasher?: PasswordHasher;
  /** Of streams of events, whose rounds and looks are quicker in tests. */
  readonly streams?: EventStreamOptions;
  /** @default each response is made anew */
  readonly sharedResponses?: SharedResponses;
  /** @default one in this process, by which the identity of any text signs in */
  readonly identityProviders?: ApiDependencies["identityProviders"];
  /** @default true */
  readonly publicRead?: boolean;
  /** @default unpredictable */
  readonly randomBytes?: ApiDependencies["randomBytes"];
  /** Stands in for waiting. @default goes on at once */
  readonly pause?: (milliseconds: number) => Promise<void>;
}

const dayMinutes = 24 * 60;
const secretKey = "a key that only tests use, 32 bytes or more";
const optimizer = createAdviser();
const passwordHasher = createRememberingHasher();

/** Builds the API for one test; use with `await using`. */
export async function createTestApi(options: TestApiOptions = {}): Promise<TestApi> {
  const database = await createTestDatabase(options.withForecasts === true ? "forecasts" : "migrated");
  const clock = createTestClock();
  const { randomBytes = crypto.randomBytes, marketSource = "simulated" } = options;
  const logged: TestApi["logged"] = [];
  const log = (facts: object, message: string) => void logged.push({ facts, message });
  const tools = { db: database.db, clock, log: { info: log, warn: log, error: log } };
  const accessTokens = accessTokenSettings(
    [secretKey],
    options.accessTokenMinutes ?? (options.withForecasts === true ? 60 * dayMinutes : 30),
  );
  const callLimiter = options.createCallLimiter?.(tools);
  const eventStreams = createEventStreams(
    { ...tools, accessTokens, callLimiter },
    { pollMs: 5, roundMs: 5, accessCheckMs: 5, ...options.streams },
  );
  const deps: ApiDependencies = {
    ...tools,
    randomBytes,
    createId: createIdGenerator({ clock, randomBytes }),
    passwordHasher: options.passwordHasher ?? (await passwordHasher),
    accessTokens,
    sealer: createSealer([secretKey], randomBytes),
    throttleLimits: options.throttleLimits ?? defaultThrottleLimits,
    callLimiter,
    eventStreams,
    // Tests change what is stored in ways that no import and no operator does.
    sharedResponses: options.sharedResponses,
    pause: options.pause ?? (async () => {}),
    callTurns: createCallTurns(),
    checkOutput: requireExactOutput,
    publicRead: options.publicRead ?? true,
    chain: options.chain,
    riskEngine: options.riskEngine,
    gasQuotes: options.gasQuotes ?? createGasQuotes({ fees: undefined, ...tools }),
    publicUrl: "http://localhost:8000",
    identityProviders: options.identityProviders ?? [createTestIdentityProvider()],
    relyingParty: { id: "localhost", origins: ["http://localhost:8000"] },
    optimizer: optimizeHere(options.optimizer ?? (await optimizer)),
    storageQuotas: options.storageQuotas ?? defaultStorageQuotas,
    cache: createResponseCache({
      log: tools.log,
      shared: database.engine === "postgres" ? createSharedCache(tools, { waitMsMax: 60_000 }) : undefined,
    }),
    jobs: listJobs(
      { name: marketSource },
      {
        hasChain: options.chain !== undefined,
        hasRiskEngine: options.riskEngine !== undefined,
        hasLogAnchor: options.logAnchoring !== undefined,
      },
    ),
    marketSource,
    logWitnesses: options.logWitnesses ?? [],
    logAnchoring: options.logAnchoring,
    publishSnapshots: options.publishSnapshots ?? true,
    protocolContracts: options.protocolContracts ?? new Set(),
    webhookTargets: options.webhookTargets ?? "public",
  };
  await registerProtocols(deps);
  const models = options.withForecasts === true ? await loadForecastModels(deps) : undefined;
  const caller: TestApi["caller"] = (accessToken, from) =>
    createCaller({ ...deps, request: { ...requestOf(accessToken), ...from } });
  return {
    deps,
    clock,
    logged,
    models,
    caller,
    signUp: async (email = `${deps.createId()}@example.org`) => {
      const tokens = await caller().auth.register({
        email,
        password: "correct horse battery",
        full_name: "Ada",
      });
      return caller(tokens.access_token);
    },
    [Symbol.asyncDispose]: async () => {
      eventStreams.close();
      await database[Symbol.asyncDispose]();
    },
  };
}

async function loadForecastModels(deps: ApiDependencies): Promise<LiveModels> {
  const latest = await findImport(deps, deps.marketSource);
  const models = await loadLiveModels(deps, { horizonDays: 7, importId: latest?.id ?? "" });
  if (models === undefined) throw new Error("The snapshot has no models.");
  return models;
}

function requestOf(accessToken: string | undefined): RequestFacts {
  return { id: "test-request", access_token: accessToken, ip: "127.0.0.1", user_agent: "test" };
}
