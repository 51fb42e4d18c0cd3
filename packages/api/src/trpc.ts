import type { Access, Endpoint, Scope } from "@obsqra/contract";
import { errorCatalogue } from "@obsqra/contract";
import { initTRPC, TRPCError } from "@trpc/server";
import type { z } from "zod";
import { authorize } from "./access.ts";
import type { ApiDependencies, RequestFacts } from "./dependencies.ts";
import { toAppError } from "./errors.ts";
import type { Principal, SessionPrincipal } from "./principal.ts";

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

const anyone = t.procedure.use(withCatalogue);

/** Access is decided before the input is looked at, so that a stranger learns nothing from validation messages. */
function signedIn<TPrincipal extends Principal>(access: Exclude<Access, "public">) {
  return anyone.use(async ({ ctx, next }) => {
    // Only sessions get through where the access asks for one, so that the principal then has its id.
    const principal = (await authorize(ctx, access)) as TPrincipal;
    return next({ ctx: { principal } });
  });
}

/** A procedure of an endpoint that anyone may call. */
export function publicProcedure<
  TKind extends "query" | "mutation",
  TInput extends z.ZodType,
  TOutput extends z.ZodType,
>(endpoint: Endpoint<TKind, "public", TInput, TOutput>) {
  return anyone.input(endpoint.input).output(endpoint.output);
}

/** A procedure of an endpoint for users and for API keys with its scope; its context says whose. */
export function userProcedure<
  TKind extends "query" | "mutation",
  TInput extends z.ZodType,
  TOutput extends z.ZodType,
>(endpoint: Endpoint<TKind, Scope, TInput, TOutput>) {
  return signedIn<Principal>(endpoint.access).input(endpoint.input).output(endpoint.output);
}

/** A procedure of an endpoint for users who have signed in themselves; its context has their session. */
export function sessionProcedure<
  TKind extends "query" | "mutation",
  TInput extends z.ZodType,
  TOutput extends z.ZodType,
>(endpoint: Endpoint<TKind, "session" | "recent_session", TInput, TOutput>) {
  return signedIn<SessionPrincipal>(endpoint.access).input(endpoint.input).output(endpoint.output);
}
