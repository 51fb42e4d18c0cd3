import { type Database, isDatabaseUnavailable, isTransactionConflict } from "@obsqra/db";
import type { ReadReplica } from "./read-replica.ts";

/** What a service uses that may read from a standby. */
interface ReadingDependencies {
  readonly db: Database;
  /** @default everything is read where it is written */
  readonly readReplica?: ReadReplica | undefined;
}

/**
 * A service that reads from the standby where there is one that has caught up, and otherwise, or when the standby fails meanwhile, where
 * data are written. For services that change nothing and read much: whoever reads little loses more by asking how far the standby is.
 */
export function fromReplica<TDependencies extends { readonly db: Database }, TInput, TOutput>(
  service: (deps: TDependencies, input: TInput) => Promise<TOutput>,
): (deps: TDependencies & ReadingDependencies, input: TInput) => Promise<TOutput> {
  return async (deps, input) => {
    const replica = deps.readReplica;
    const db = await replica?.caughtUp();
    if (replica === undefined || db === undefined) return service(deps, input);
    try {
      return await service({ ...deps, db }, input);
    } catch (error) {
      if (!isOfReplica(error) && !(error instanceof Error && isOfReplica(error.cause))) throw error;
      replica.leave(error);
      return service(deps, input);
    }
  };
}

/** Also what it replays may end a statement (a conflict with recovery, 40001). */
function isOfReplica(error: unknown): boolean {
  return isDatabaseUnavailable(error) || isTransactionConflict(error);
}
