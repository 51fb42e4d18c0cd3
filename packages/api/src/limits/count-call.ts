import type { Authorized } from "../access.ts";
import type { ApiContext } from "../trpc.ts";

/**
 * Counts a call against what its address may ask for, before anything else is done for it.
 *
 * @throws AppError RATE_LIMITED
 */
export async function countAddress(_ctx: ApiContext, _weight: number): Promise<void> {}

/**
 * Counts a call against what its user, or API key, may ask for.
 *
 * @throws AppError RATE_LIMITED
 */
export async function countPrincipal(
  _ctx: ApiContext,
  _authorized: Authorized,
  _weight: number,
): Promise<void> {}
