import type { Access, Endpoint, Scope } from "@obsqra/contract";
import { errorCatalogue, problemStatus, problemType } from "@obsqra/contract";
import type { AnswerFacts, Principal, RequestFacts, SessionPrincipal } from "@obsqra/platform";
import { answerOnce, authorize, countAddress, countPrincipal, toAppError } from "@obsqra/platform";
import { initTRPC, TRPCError } from "@trpc/server";
import { middlewareMarker } from "@trpc/server/unstable-core-do-not-import";
import type { z } from "zod";
import type { ApiDependencies } from "./dependencies.ts";

/** What every procedure gets: the dependencies, and who is asking. */
export interface ApiContext extends ApiDependencies {
  readonly request: RequestFacts;
  /** Where the host wants to be told about the answer. @default it does not */
  readonly answer?: AnswerFacts;
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
        // What a problem says on REST, where `code` is the catalogue's.
        type: problemType(shown.code),
        title: errorCatalogue[shown.code].title,
        status: problemStatus(shown.code),
        detail: shown.message,
        details: shown.details,
        request_id: shown.requestId ?? ctx?.request.id,
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

/** A limit per address comes before anything that costs more than it. */
function anyone({ weight = 1 }: Endpoint) {
  return t.procedure.use(withCatalogue).use(async ({ ctx, path, next }) => {
    await countAddress(ctx, { path, weight });
    return next();
  });
}

/** Access is decided before the input is looked at, so that a stranger learns nothing from validation messages. */
function signedIn<TPrincipal extends Principal>(
  endpoint: Endpoint<"query" | "mutation", Exclude<Access, "public">>,
) {
  const { access, weight = 1 } = endpoint;
  return anyone(endpoint).use(async ({ ctx, next }) => {
    // Only sessions get through where the access asks for one, so that the principal then has its id.
    const authorized = await authorize(ctx, access);
    await countPrincipal(ctx, authorized, weight);
    return next({ ctx: { principal: authorized.principal as TPrincipal } });
  });
}

/** A mutation that comes with an idempotency key is done once, however often it is asked for. */
const once = t.middleware(async ({ ctx, type, path, input, next }) => {
  const key = ctx.request.idempotency_key;
  if (type !== "mutation" || key === undefined) return next();
  // There is a principal by now, unless the endpoint is public.
  const user_id = (ctx as { readonly principal?: Principal }).principal?.user_id;
  const data = await answerOnce(ctx, { key, user_id, path, input }, async (db) => {
    const result = await next({ ctx: { db } });
    if (!result.ok) throw result.error;
    return result.data;
  });
  return { ok: true as const, data, marker: middlewareMarker };
});

/** A procedure of an endpoint that anyone may call. */
export function publicProcedure<
  TKind extends "query" | "mutation",
  TInput extends z.ZodType,
  TOutput extends z.ZodType,
>(endpoint: Endpoint<TKind, "public", TInput, TOutput>) {
  return anyone(endpoint).input(endpoint.input).use(once).output(endpoint.output);
}

/** A procedure of an endpoint for users and for API keys with its scope; its context says whose. */
export function userProcedure<
  TKind extends "query" | "mutation",
  TInput extends z.ZodType,
  TOutput extends z.ZodType,
>(endpoint: Endpoint<TKind, Scope, TInput, TOutput>) {
  return signedIn<Principal>(endpoint).input(endpoint.input).use(once).output(endpoint.output);
}

/** A procedure of an endpoint for users who have signed in themselves; its context has their session. */
export function sessionProcedure<
  TKind extends "query" | "mutation",
  TInput extends z.ZodType,
  TOutput extends z.ZodType,
>(endpoint: Endpoint<TKind, "session" | "recent_session", TInput, TOutput>) {
  return signedIn<SessionPrincipal>(endpoint).input(endpoint.input).use(once).output(endpoint.output);
}
