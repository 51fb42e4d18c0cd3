import { listEndpoints } from "@obsqra/contract";
import { initTRPC } from "@trpc/server";
import type { FastifyInstance, FastifyServerOptions } from "fastify";
import fastify from "fastify";
import { problemServerOptions, registerProblemHandlers, registerRest } from "../src/index.ts";

export interface EchoOptions {
  readonly server?: FastifyServerOptions;
  /** Runs in place of the procedure; its result is the output. By default, the output is what the procedure got. */
  readonly respond?: (call: { readonly path: string; readonly input: unknown }) => unknown;
  readonly routes?: (app: FastifyInstance) => Promise<void> | void;
}

/** An app whose procedures check the contract's inputs and give them back. */
export async function createEchoApp(options: EchoOptions = {}): Promise<FastifyInstance> {
  const { respond = ({ input }) => ({ input }) } = options;
  const app = fastify({ ...problemServerOptions, ...options.server });
  registerProblemHandlers(app);
  await options.routes?.(app);
  await registerRest(app, { router: createEchoRouter(respond), createContext: () => ({}) });
  await app.ready();
  return app;
}

/** A stream that ends at once. */
const nothingToFollow = { open: async () => ({ next: async () => undefined, close: () => {} }) };

function createEchoRouter(respond: NonNullable<EchoOptions["respond"]>) {
  const t = initTRPC.create();
  const features: Record<string, ReturnType<typeof t.router>> = {};
  for (const feature of new Set(listEndpoints().map((each) => each.feature))) {
    const procedures = listEndpoints()
      .filter((each) => each.feature === feature)
      .map(({ name, path, endpoint }) => {
        const checked = t.procedure.input(endpoint.input);
        const resolve = ({ input }: { input: unknown }) =>
          endpoint.kind === "subscription" ? nothingToFollow : respond({ path, input });
        return [
          name,
          endpoint.kind === "mutation" ? checked.mutation(resolve) : checked.query(resolve),
        ] as const;
      });
    features[feature] = t.router(Object.fromEntries(procedures));
  }
  return t.router(features);
}
