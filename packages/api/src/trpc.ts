import type { Endpoint } from "@obsqra/contract";
import { errorCatalogue } from "@obsqra/contract";
import { initTRPC, TRPCError } from "@trpc/server";
import type { z } from "zod";
import { AppError } from "./app-error.ts";
import { authenticate } from "./auth/access-token.ts";
import type { ApiDependencies, RequestFacts } from "./dependencies.ts";
import { toAppError } from "./errors.ts";

/** What every procedure gets: the dependencies, and who is asking. */
export interface ApiContext extends ApiDependencies {
  readonly request: RequestFacts;
}

const t = initTRPC.context<ApiContext>().create({
  errorFormatter: ({ shape, error, ctx }) => {
    const shown = toAppError(error);
    return {
      ...shape,
      message: shown.message,
      data: {
        code: shape.data.code,
        httpStatus: shape.data.httpStatus,
        path: shape.data.path,
        app_code: shown.code,
        details: shown.details,
        request_id: ctx?.request.id,
      },
    };
  },
});

export const router = t.router;
export const createCallerFactory = t.createCallerFactory;

/** Services throw catalogued errors; here, and only here, they become tRPC errors, and bugs are logged. */
const withCatalogue = t.middleware(async ({ ctx, path, next }) => {
  const result = await next();
  if (result.ok) return result;
  const error = toAppError(result.error);
  if (error.code === "INTERNAL_ERROR" || error.code === "DATABASE_UNAVAILABLE") {
    ctx.log.error({ err: result.error, request_id: ctx.request.id, procedure: path }, error.message);
  }
  throw new TRPCError({ code: errorCatalogue[error.code].trpcCode, message: error.message, cause: error });
});

const withSession = t.middleware(async ({ ctx, next }) => {
  const { access_token } = ctx.request;
  if (access_token === undefined) throw new AppError("UNAUTHENTICATED", undefined);
  return next({ ctx: { session: await authenticate(ctx, access_token) } });
});

const anyone = t.procedure.use(withCatalogue);
// The session is checked before the input, so that a stranger learns nothing from validation messages.
const signedIn = t.procedure.use(withCatalogue).use(withSession);

/** A procedure of an endpoint that anyone may call. */
export function publicProcedure<
  TKind extends "query" | "mutation",
  TInput extends z.ZodType,
  TOutput extends z.ZodType,
>(endpoint: Endpoint<TKind, "public", TInput, TOutput>) {
  return anyone.input(endpoint.input).output(endpoint.output);
}

/** A procedure of an endpoint for signed-in users; its context has their session. */
export function userProcedure<
  TKind extends "query" | "mutation",
  TInput extends z.ZodType,
  TOutput extends z.ZodType,
>(endpoint: Endpoint<TKind, "user", TInput, TOutput>) {
  return signedIn.input(endpoint.input).output(endpoint.output);
}
