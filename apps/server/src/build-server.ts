import cors from "@fastify/cors";
import helmet from "@fastify/helmet";
import type { ApiDependencies, LiveModels } from "@obsqra/api";
import { type ApiContext, appRouter } from "@obsqra/api";
import {
  bodyLimitBytes,
  problemServerOptions,
  registerDocs,
  registerProblemHandlers,
  registerRest,
} from "@obsqra/openapi";
import { type FastifyTRPCPluginOptions, fastifyTRPCPlugin } from "@trpc/server/adapters/fastify";
import type { FastifyServerOptions } from "fastify";
import fastify, { type FastifyInstance, type FastifyRequest } from "fastify";
import type { Environment } from "./env.ts";
import { registerHealth } from "./health.ts";

/** What a server is made of. */
export interface ServerParts {
  readonly api: ApiDependencies;
  readonly models: LiveModels | undefined;
  readonly env: Pick<Environment, "CORS_ORIGINS" | "ENVIRONMENT">;
  readonly logger: NonNullable<FastifyServerOptions["loggerInstance"]>;
}

/** Builds the server without listening: REST, tRPC, documentation and health checks over one set of procedures. */
export async function buildServer({ api, models, env, logger }: ServerParts): Promise<FastifyInstance> {
  const app: FastifyInstance = fastify({
    ...problemServerOptions,
    loggerInstance: logger,
    bodyLimit: bodyLimitBytes,
    genReqId: () => api.createId(),
    requestTimeout: 30_000,
    // A request in flight is answered before the server stops; idle connections are closed at once.
    forceCloseConnections: "idle",
    routerOptions: {
      ignoreTrailingSlash: true,
      // tRPC puts the names of all calls of a batch into the path; the default of 100 characters answers 414.
      maxParamLength: 5_000,
    },
  });
  registerProblemHandlers(app);
  await app.register(helmet);
  await app.register(cors, { origin: corsOrigin(env), exposedHeaders: ["x-request-id", "retry-after"] });

  const createContext = (request: FastifyRequest): ApiContext => ({
    ...api,
    request: {
      id: request.id,
      access_token: readBearerToken(request.headers.authorization),
      ip: request.ip,
      user_agent: request.headers["user-agent"],
    },
  });
  registerHealth(app, { db: api.db, models });
  await registerRest(app, { router: appRouter, createContext });
  await app.register(fastifyTRPCPlugin, {
    prefix: "/trpc",
    trpcOptions: { router: appRouter, createContext: ({ req }) => createContext(req), maxBatchSize: 20 },
  } satisfies FastifyTRPCPluginOptions<typeof appRouter>);
  await registerDocs(app);
  return app;
}

/** Tokens travel in a header and never in a cookie, so any page may call a development server. */
function corsOrigin(env: ServerParts["env"]): boolean | string[] | string {
  if (env.CORS_ORIGINS === undefined) return env.ENVIRONMENT === "production" ? false : "*";
  return env.CORS_ORIGINS.includes("*") ? "*" : env.CORS_ORIGINS;
}

function readBearerToken(header: string | undefined): string | undefined {
  return header === undefined ? undefined : /^Bearer +(\S+)$/i.exec(header)?.[1];
}
