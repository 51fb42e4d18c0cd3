import type { Access, Endpoint } from "@obsqra/contract";
import { errorCatalogue, figureRounder, permissionOf } from "@obsqra/contract";
import { waitAtMost } from "@obsqra/db";
import {
  initTRPC,
  TRPCError,
  type TRPCMutationProcedure,
  type TRPCQueryProcedure,
  type TRPCSubscriptionProcedure,
} from "@trpc/server";
import type { z } from "zod";
import { type AskedAccess, authorize } from "./access/access.ts";
import type { Actor } from "./access/actor.ts";
import type { CallContext, CallDependencies, PlatformDependencies } from "./call/call-context.ts";
import type { RequestFacts } from "./call/request-facts.ts";
import type { Command } from "./commands/command.ts";
import { parseIdempotencyKey } from "./commands/idempotency-key.ts";
import { type EarlyReply, hashKey, keyedCallsOf } from "./commands/keyed-calls.ts";
import { runCommand } from "./commands/run-command.ts";
import { AppError } from "./errors/app-error.ts";
import { toAppError } from "./errors/to-app-error.ts";
import { trpcErrorData } from "./errors/trpc-error-data.ts";
import { countActor, countAddress } from "./limits/count-call.ts";
import { networkOf } from "./limits/ip-network.ts";
import { type Tracked, toIterable } from "./streams/iterable-subscription.ts";
import type { Subscription } from "./streams/subscription.ts";

// ---------------------------------------------------------------------------------------------------------------------
// 1. The one place that creates tRPC
// ---------------------------------------------------------------------------------------------------------------------

// Over the platform's dependencies only: `createProcedures` adds those that the services ask for.
const t = initTRPC.context<CallContext<PlatformDependencies>>().create({
  errorFormatter: ({ shape, error, ctx }) => {
    const shown = toAppError(error);
    return {
      ...shape,
      message: shown.message,
      data: {
        code: shape.data.code,
        httpStatus: shape.data.httpStatus,
        path: shape.data.path,
        ...trpcErrorData(shown, ctx?.request.id),
      },
    };
  },
});

export const router = t.router;
export const mergeRouters = t.mergeRouters;
export const createCallerFactory = t.createCallerFactory;

/** What tRPC gives a resolver; its types leave out the input as it came. */
interface ProcedureCall {
  readonly ctx: CallContext<PlatformDependencies>;
  readonly path: string;
  readonly getRawInput: () => Promise<unknown>;
  /** Aborts when nobody waits for the result any more. */
  readonly signal: AbortSignal | undefined;
}

/** What a procedure does with a call that may be made, with the actor among its dependencies where access is asked for. */
type Work = (
  deps: CallContext<PlatformDependencies>,
  call: {
    readonly path: string;
    readonly input: unknown;
    readonly sent: unknown;
    readonly signal: AbortSignal | undefined;
  },
) => Promise<unknown>;

/**
 * The steps of every call: it waits for its turn while the caller keeps the process busy, its address is counted, access is
 * decided, it waits for its turn among those of its owner, its actor is counted, the input is checked, and in the end the output. The limit per address comes first, because
 * everything after it costs more. Access is decided before the input is looked at, so that a stranger learns nothing from
 * validation messages.
 *
 * One function instead of a chain of tRPC's middlewares, each of which would copy the call and its context.
 */
function guarded(endpoint: Endpoint, work: Work) {
  const { kind, access: openAccess, closedAccess, weight = 1, input } = endpoint;
  const permission = permissionOf(endpoint);
  const callWithInput = async (
    deps: CallContext<PlatformDependencies>,
    { path, getRawInput, signal }: ProcedureCall,
  ) => {
    const sent = await getRawInput();
    return work(deps, { path, input: parseInput(input, sent), sent, signal });
  };
  const respond = async (call: ProcedureCall): Promise<unknown> => {
    const { ctx, path } = call;
    try {
      const turn = ctx.callTurns.begin(ctx.request.access_token ?? networkOf(ctx.request.ip, 4));
      if (turn !== undefined) await turn;
      await countAddress(ctx, { path, weight });
      assertTransport(ctx.request, kind);
      const access = accessOf({ access: openAccess, closedAccess }, ctx);
      if (access === "public") return await callWithInput(ctx, call);
      const { actor, earlyReply } = await authorizeWithReply(ctx, { kind, access, permission });
      const deps = { ...ctx, actor, earlyReply };
      return await ctx.callTurns.inTurn(actor.owner_id, async () => {
        // Not before its turn: what the calls before it have cost by their bytes is known by then.
        await countActor(ctx, actor, weight);
        const result = await callWithInput(deps, call);
        ctx.response?.onResult?.(result);
        return result;
      });
    } catch (thrown) {
      throw toTrpcError(call, thrown);
    }
  };
  return (options: unknown): Promise<unknown> => {
    // tRPC calls resolvers with everything that it calls middlewares with.
    const call = options as ProcedureCall;
    const { callMeter, connectionWaitMs } = call.ctx;
    const inTime = () =>
      connectionWaitMs === undefined ? respond(call) : waitAtMost(connectionWaitMs, () => respond(call));
    return callMeter === undefined ? inTime() : callMeter.measure(call.path, inTime);
  };
}

/** Who may call an endpoint where public reading is as the operator says. */
export function accessOf(
  { access, closedAccess }: Pick<Endpoint, "access" | "closedAccess">,
  { publicRead }: Pick<PlatformDependencies, "publicRead">,
): Access {
  return publicRead ? access : (closedAccess ?? access);
}

/** A mutation over a WebSocket would have no idempotency key, and a response there no headers. */
function assertTransport({ takes_subscriptions_only = false }: RequestFacts, kind: Endpoint["kind"]): void {
  if (takes_subscriptions_only && kind !== "subscription")
    throw new AppError("SUBSCRIPTIONS_ONLY", undefined);
}

/**
 * Decides about access, and looks for the reply to a mutation's key in the same statement. Of a key that is none, whoever runs the
 * command complains.
 */
async function authorizeWithReply(
  ctx: CallContext<PlatformDependencies>,
  { kind, access, permission }: Pick<Endpoint, "kind"> & AskedAccess,
): Promise<{ readonly actor: Actor; readonly earlyReply: EarlyReply | undefined }> {
  const { idempotency_key } = ctx.request;
  const key =
    kind === "mutation" && idempotency_key !== undefined ? parseIdempotencyKey(idempotency_key) : undefined;
  const settledBefore = keyedCallsOf(ctx.db).settled;
  const { actor, reply } = await ctx.callTurns.lookUp(networkOf(ctx.request.ip, 4), () =>
    authorize(ctx, { access, permission }, key === undefined ? undefined : hashKey(key)),
  );
  return { actor, earlyReply: key === undefined ? undefined : { row: reply, settledBefore } };
}

/** Services throw catalogued errors; here, and only here, they become tRPC errors, and bugs are logged. */
function toTrpcError({ ctx, path }: Pick<ProcedureCall, "ctx" | "path">, thrown: unknown): TRPCError {
  const error = toAppError(thrown);
  if (error.code === "INTERNAL_ERROR" || error.code === "DATABASE_UNAVAILABLE") {
    ctx.log.error({ err: thrown, request_id: ctx.request.id, procedure: path }, error.message);
  }
  return new TRPCError({ code: errorCatalogue[error.code].trpcCode, message: error.message, cause: error });
}

function parseInput(schema: z.ZodType, sent: unknown): unknown {
  try {
    return schema.parse(sent);
  } catch (cause) {
    throw new TRPCError({ code: "BAD_REQUEST", cause });
  }
}

/** Puts the fields into the contract's order: what caches keep has the same bytes, and so the same tag, whoever has made it. */
function parseOutput(schema: z.ZodType, output: unknown): unknown {
  try {
    return schema.parse(output);
  } catch (cause) {
    throw new TRPCError({ code: "INTERNAL_SERVER_ERROR", message: "Output validation failed", cause });
  }
}

// ---------------------------------------------------------------------------------------------------------------------
// 2. Procedures
// ---------------------------------------------------------------------------------------------------------------------

type Query<TInput extends z.ZodType, TOutput extends z.ZodType> = TRPCQueryProcedure<Types<TInput, TOutput>>;
type Mutation<TInput extends z.ZodType, TOutput extends z.ZodType> = TRPCMutationProcedure<
  Types<TInput, TOutput>
>;

type Followed<TInput extends z.ZodType, TOutput extends z.ZodType> = TRPCSubscriptionProcedure<{
  input: z.input<TInput>;
  output: AsyncIterable<Tracked<z.output<TOutput>>, void, undefined>;
  meta: object;
}>;

interface Types<TInput extends z.ZodType, TOutput extends z.ZodType> {
  input: z.input<TInput>;
  output: z.output<TOutput>;
  meta: object;
}

/** Makes what routers are built of, for services with these dependencies. */
export function createProcedures<TDependencies extends PlatformDependencies>() {
  return {
    /**
     * The procedure of a query: it asks a service, which changes nothing.
     *
     * @param versionOf tells all that the response depends on besides the input, where it is the same for everybody who asks
     */
    query: <TAccess extends Access, TInput extends z.ZodType, TOutput extends z.ZodType>(
      endpoint: Endpoint<"query", TAccess, TInput, TOutput>,
      service: (
        deps: CallDependencies<TDependencies, TAccess>,
        input: z.output<TInput>,
      ) => Promise<z.input<TOutput>>,
      versionOf?: (deps: TDependencies) => Promise<string>,
    ): Query<TInput, TOutput> => {
      const resolve = guarded(endpoint, async (deps, { path, input }) => {
        // The host passes all dependencies, the pipeline has added the actor, and the endpoint's schema parsed the input.
        const full = deps as unknown as CallDependencies<TDependencies, TAccess>;
        const respond = async () => {
          const made = deps.checkOutput(endpoint.output, await service(full, input as z.output<TInput>));
          const round = figureRounder(endpoint.output);
          if (!endpoint.revalidates && round === undefined) return made;
          // What is parsed is a copy, which may be changed.
          const parsed = parseOutput(endpoint.output, made);
          return round === undefined ? parsed : round(parsed);
        };
        if (versionOf === undefined || deps.sharedResponses === undefined) return respond();
        const key = JSON.stringify([path, input, await versionOf(full)]);
        return deps.sharedResponses.share(key, networkOf(deps.request.ip, 4), respond);
      });
      const procedure = t.procedure.query(resolve);
      // tRPC does not know the schemas, which the pipeline applies.
      return procedure as unknown as Query<TInput, TOutput>;
    },

    /** The procedure of a mutation: it runs a command. */
    mutation: <TAccess extends Access, TInput extends z.ZodType, TOutput extends z.ZodType, TPlanned>(
      endpoint: Endpoint<"mutation", TAccess, TInput, TOutput>,
      command: Command<
        CallDependencies<TDependencies, TAccess>,
        z.output<TInput>,
        TPlanned,
        z.input<TOutput>
      >,
    ): Mutation<TInput, TOutput> => {
      const resolve = guarded(endpoint, (deps, { path, input, sent }) =>
        // Dependencies and input as of a query.
        runCommand(command, deps as unknown as CallDependencies<TDependencies, TAccess>, {
          path,
          input: input as z.output<TInput>,
          sent,
          // It checks the output itself, before it commits.
          output: endpoint.output as z.ZodType<unknown, z.input<TOutput>>,
          givesCredentials: endpoint.givesCredentials === true,
        }),
      );
      const procedure = t.procedure.mutation(resolve);
      // As of a query.
      return procedure as unknown as Mutation<TInput, TOutput>;
    },

    /** The procedure of a subscription: a service says what is followed. It is opened by whoever reads it. */
    subscription: <TAccess extends Access, TInput extends z.ZodType, TOutput extends z.ZodType>(
      endpoint: Endpoint<"subscription", TAccess, TInput, TOutput>,
      service: (
        deps: CallDependencies<TDependencies, TAccess>,
        input: z.output<TInput>,
      ) => Promise<Subscription>,
    ): Followed<TInput, TOutput> => {
      const resolve = guarded(endpoint, async (deps, { path, input, signal }) => {
        // Dependencies and input as of a query.
        const full = deps as unknown as CallDependencies<TDependencies, TAccess>;
        const subscription = await service(full, input as z.output<TInput>);
        const check = (message: object) => deps.checkOutput(endpoint.output, message);
        const fail = (thrown: unknown) => toTrpcError({ ctx: deps, path }, thrown);
        return toIterable(subscription, { check, fail }, signal);
      });
      // As of a query, and a resolver as tRPC types it has no input.
      const procedure = t.procedure.subscription(resolve as () => Promise<AsyncIterable<unknown>>);
      return procedure as unknown as Followed<TInput, TOutput>;
    },
  };
}
