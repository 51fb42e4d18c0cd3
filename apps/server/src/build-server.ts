import type { Socket } from "node:net";
import cors from "@fastify/cors";
import type { ApiDependencies } from "@obsqra/features";
import { type ApiContext, appRouter } from "@obsqra/features";
import {
  bodyLimitBytes,
  listProcedures,
  problemServerOptions,
  registerDocs,
  registerProblemHandlers,
  registerRest,
} from "@obsqra/openapi";
import type { ResponseFacts } from "@obsqra/platform";
import type { FastifyServerOptions } from "fastify";
import fastify, { type FastifyInstance, type FastifyRequest } from "fastify";
import manifest from "../package.json" with { type: "json" };
import { registerAlertPages } from "./account-pages/register-alert-pages.ts";
import { chargeBytes } from "./charge-bytes.ts";
import { connectionOptions, limitConnections } from "./connections/limit-connections.ts";
import { type AllowedOrigins, toOriginMatchers } from "./cors-origins.ts";
import type { Environment } from "./env.ts";
import { readOperations } from "./graphql/persisted-operations.ts";
import { registerGraphql } from "./graphql/register-graphql.ts";
import { type HealthParts, registerHealth } from "./health.ts";
import { healthParts } from "./health-parts.ts";
import { registerIdentities } from "./identities/register-identities.ts";
import { createAddressMatcher } from "./ip-address.ts";
import { limitRefusals } from "./limit-refusals.ts";
import { registerMcp } from "./mcp/register-mcp.ts";
import { type MetricsRoute, registerMetrics } from "./metrics/register-metrics.ts";
import { registerOAuth } from "./oauth/register-oauth.ts";
import { registerPublicFiles } from "./public-files/register-public-files.ts";
import { readRequestFacts } from "./request-facts.ts";
import { createRequestLogger, RequestLog } from "./request-log.ts";
import { addSecurityHeaders } from "./security-headers.ts";
import { defaultServerLimits, type ServerLimits } from "./server-limits.ts";
import { shedLoad } from "./shed-load.ts";
import type { Tracing } from "./tracing/create-tracing.ts";
import { registerTracing } from "./tracing/register-tracing.ts";
import { registerTrpc } from "./trpc/register-trpc.ts";
import type { WebPages } from "./web-pages/read-web-pages.ts";
import { registerWebPages, sendMissingPage } from "./web-pages/register-web-pages.ts";
import { isWebSocket, registerWebSockets } from "./web-sockets/register-web-sockets.ts";

/** What a server is made of. */
export interface ServerParts {
  readonly api: ApiDependencies;
  readonly database: HealthParts["database"];
  readonly env: Pick<
    Environment,
    | "APP_URL"
    | "CORS_ORIGINS"
    | "ENVIRONMENT"
    | "GRAPHQL"
    | "GRAPHQL_INTROSPECTION"
    | "GRAPHQL_OPERATIONS"
    | "MCP"
    | "PREDICTION_WINDOW_DAYS"
    | "TRUSTED_PROXIES"
  >;
  readonly logger: NonNullable<FastifyServerOptions["loggerInstance"]>;
  /** The dashboard. @default it was not built */
  readonly web?: WebPages | undefined;
  /** @default defaultServerLimits */
  readonly limits?: ServerLimits;
  /** @default nothing is measured */
  readonly metricsRoute?: MetricsRoute | undefined;
  /** @default nothing is traced */
  readonly tracing?: Tracing | undefined;
}

/** Builds the server without listening: REST, tRPC, GraphQL, MCP, documentation and health checks over one set of procedures. */
export async function buildServer(parts: ServerParts): Promise<FastifyInstance> {
  const { api, database, env, logger, web, metricsRoute, tracing, limits = defaultServerLimits } = parts;
  const isTrustedProxy = createAddressMatcher(env.TRUSTED_PROXIES);
  const app: FastifyInstance = fastify({
    ...problemServerOptions,
    ...connectionOptions(limits),
    http: {
      ...problemServerOptions.http,
      ...connectionOptions(limits).http,
      // Whatever else asks to change the protocol is a request like any other.
      shouldUpgradeCallback: isWebSocket,
    },
    loggerInstance: logger,
    logController: new RequestLog(logger),
    childLoggerFactory: createRequestLogger,
    bodyLimit: bodyLimitBytes,
    genReqId: () => api.createId(),
    trustProxy: env.TRUSTED_PROXIES.length > 0 && isTrustedProxy,
    // A request in flight gets its response before the server stops; idle connections are closed at once.
    forceCloseConnections: "idle",
    // So does what follows it on the same connection; Fastify's own refusal has neither code nor request id.
    return503OnClosing: false,
    routerOptions: {
      ignoreTrailingSlash: true,
      // tRPC puts the names of all calls of a batch into the path; the default of 100 characters gives 414.
      maxParamLength: 5_000,
    },
  });
  // First, so that whatever follows is within it.
  if (tracing !== undefined) registerTracing(app, tracing, isTrustedProxy);
  registerProblemHandlers(app, (request, reply) => sendMissingPage(request, reply, web));
  limitConnections(app, limits, isTrustedProxy);
  closeConnections(app);
  // Their readers go on at another server, after the time that the stream has told them.
  app.addHook("preClose", async () => api.eventStreams.close());
  addSecurityHeaders(app);
  await app.register(cors, {
    origin: corsOrigin(env),
    exposedHeaders: [
      "x-request-id",
      "retry-after",
      "www-authenticate",
      "etag",
      "link",
      "ratelimit",
      "ratelimit-policy",
      "idempotent-replayed",
      "deprecation",
      "sunset",
    ],
    methods: ["GET", "HEAD", "POST", "PUT", "DELETE"],
    // As long as any browser keeps what a preflight says; the methods change with releases only.
    maxAge: 7200,
    // An OPTIONS request that is not a preflight is treated like one, instead of getting an error in plain text.
    strictPreflight: false,
  });

  // After CORS, so that a page of another origin can read that it is refused.
  shedLoad(app, limits);

  const countBytes = chargeBytes(app, api.callLimiter);
  limitRefusals(app, api);
  const createContext = (request: FastifyRequest, response: ResponseFacts): ApiContext => {
    countBytes(request, response);
    return { ...api, request: readRequestFacts(request), response };
  };
  registerHealth(app, healthParts({ api, database, horizonDays: env.PREDICTION_WINDOW_DAYS }));
  if (metricsRoute !== undefined) registerMetrics(app, metricsRoute);
  await registerRest(app, { router: appRouter, createContext });
  await registerTrpc(app, createContext);
  registerWebSockets(app, {
    createContext,
    limits,
    allowedOrigins: corsOrigin(env),
    callLimiter: api.callLimiter,
  });
  const appUrl = env.APP_URL ?? api.publicUrl;
  await registerIdentities(app, { createContext, appUrl });
  if (env.MCP) {
    await registerMcp(app, {
      procedures: listProcedures(appRouter),
      createContext,
      allowedOrigins: corsOrigin(env),
      version: manifest.version,
      publicUrl: api.publicUrl,
    });
    await registerOAuth(app, { createContext, publicUrl: api.publicUrl, appUrl });
  }
  if (env.GRAPHQL) {
    await registerGraphql(app, {
      procedures: listProcedures(appRouter),
      createContext,
      allowsIntrospection: env.GRAPHQL_INTROSPECTION ?? env.ENVIRONMENT !== "production",
      hasGraphiql: env.ENVIRONMENT === "development",
      operations: env.GRAPHQL_OPERATIONS === undefined ? undefined : readOperations(env.GRAPHQL_OPERATIONS),
    });
  }
  await registerDocs(app);
  registerWebPages(app, web, api);
  await registerAlertPages(app, api, createContext);
  await registerPublicFiles(app, api, createContext);
  return app;
}

/** Whoever connects while the server stops has so long to say something. */
const silentWhileStoppingMs = 1_000;

/** A connection that is kept open after the last response would keep the server from stopping, or its caller waiting. */
function closeConnections(app: FastifyInstance): void {
  let isStopping = false;
  /** Browsers and clients open some in advance; Node does not count them among the idle ones. */
  const unused = new Set<Socket>();
  app.server.on("connection", (socket: Socket) => {
    unused.add(socket);
    socket.once("close", () => unused.delete(socket));
    // It listens until what is to be done first is done.
    if (isStopping) setTimeout(() => closeIfSilent(socket), silentWhileStoppingMs).unref();
  });
  app.server.on("request", ({ socket }) => unused.delete(socket));
  app.addHook("preClose", async () => {
    isStopping = true;
    for (const socket of unused) closeIfSilent(socket);
  });
  /** The beginning of a request is waited for. */
  function closeIfSilent(socket: Socket): void {
    if (unused.has(socket) && socket.bytesRead === 0) socket.destroy();
  }
  app.addHook("onSend", ({ headers }, reply, _payload, done) => {
    // Behind a request to change the protocol, Node drops what has come already: whoever sent it has to know, to send it again.
    if (isStopping || headers.upgrade !== undefined) reply.header("connection", "close");
    done();
  });
}

/** Tokens travel in a header and never in a cookie, so any page may call a development server. */
function corsOrigin(env: ServerParts["env"]): AllowedOrigins {
  if (env.CORS_ORIGINS === undefined) return env.ENVIRONMENT === "production" ? false : "*";
  return env.CORS_ORIGINS.includes("*") ? "*" : toOriginMatchers(env.CORS_ORIGINS);
}
