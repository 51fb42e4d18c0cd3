import { type ApiContext, AppError, appRouter, toAppError } from "@obsqra/api";
import { acceptJsonOnly, problemHeaders } from "@obsqra/openapi";
import { fastifyRequestHandler } from "@trpc/server/adapters/fastify";
import type { FastifyInstance, FastifyRequest } from "fastify";

const batchSizeMax = 20;

/**
 * Serves the procedures as tRPC at `/trpc`. Bodies are read under the same rules as REST's; tRPC's own plugin would also
 * take forms, without a limit. What is refused before any procedure is called answers as a problem, like on REST.
 */
export async function registerTrpc(
  app: FastifyInstance,
  createContext: (request: FastifyRequest) => ApiContext,
): Promise<void> {
  await app.register(async (scope) => {
    acceptJsonOnly(scope);
    scope.route<{ Params: { path: string } }>({
      method: ["GET", "POST"],
      url: "/trpc/:path",
      // tRPC has no answer to HEAD.
      exposeHeadRoute: false,
      handler: async (req, res) => {
        const { path } = req.params;
        assertBatchSize(path);
        await fastifyRequestHandler({
          router: appRouter,
          req,
          res,
          path,
          createContext: () => createContext(req),
          responseMeta: ({ errors: [error] }) => ({
            headers: { "cache-control": "no-store", ...(error && problemHeaders(toAppError(error))) },
          }),
          onError: ({ ctx, error }) => {
            if (ctx === undefined) throw error;
          },
        });
      },
    });
  });
}

/** tRPC joins the names of a batch's calls with commas. */
function assertBatchSize(path: string): void {
  if (path.split(",").length <= batchSizeMax) return;
  const message = `send at most ${batchSizeMax} calls in one batch`;
  throw new AppError("VALIDATION_FAILED", { issues: [{ path: "batch", message }] });
}
