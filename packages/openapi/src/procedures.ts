import type { AnyTRPCProcedure, AnyTRPCRouter } from "@trpc/server";

/** A call of a procedure, as a protocol has read it. */
export interface ProcedureCall {
  /** As tRPC spells it. */
  readonly path: string;
  readonly ctx: object;
  readonly input: unknown;
}

/** The procedures of a router by their paths, as tRPC spells them. */
export function listProcedures(router: AnyTRPCRouter): ReadonlyMap<string, AnyTRPCProcedure> {
  return new Map(Object.entries<AnyTRPCProcedure>(router._def.procedures));
}

/**
 * Calls a procedure directly. tRPC's `callTRPCProcedure` would look it up again, and hand down a signal that aborts with the request,
 * which nothing listens to and which costs more than either.
 *
 * @throws TRPCError
 */
export async function callProcedure(
  procedure: AnyTRPCProcedure,
  { path, ctx, input }: ProcedureCall,
): Promise<unknown> {
  const { type } = procedure._def;
  const getRawInput = async () => input;
  return procedure({ path, ctx, getRawInput, type, signal: undefined, batchIndex: 0 });
}
