import { AsyncLocalStorage } from "node:async_hooks";
import { DatabaseUnavailableError } from "../database-errors.ts";

const patience = new AsyncLocalStorage<number>();

/**
 * Does work that would rather fail than wait longer than so many milliseconds, each time, for the one connection of an embedded
 * database: an import may hold it for minutes. Connections to Postgres are waited for as long as their pool says.
 */
export function waitAtMost<TResult>(milliseconds: number, work: () => TResult): TResult {
  return patience.run(milliseconds, work);
}

/** The one connection of an embedded database, which is lent in the order in which it is asked for. */
export interface OneConnection {
  /** @throws DatabaseUnavailableError when `waitAtMost` says that it was waited for long enough */
  take(): Promise<void>;
  giveBack(): void;
}

export function createOneConnection(): OneConnection {
  let isLent = false;
  const waiting = new Set<() => void>();
  return {
    take: async () => {
      if (!isLent) isLent = true;
      else await waitIn(waiting, patience.getStore());
    },
    giveBack: () => {
      const [next] = waiting;
      if (next === undefined) isLent = false;
      else next();
    },
  };
}

/** Resolves when it is the caller's turn, who is no longer among the waiting then. */
function waitIn(waiting: Set<() => void>, waitMsMax: number | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const goOn = () => {
      clearTimeout(timer);
      waiting.delete(goOn);
      resolve();
    };
    const giveUp = () => {
      waiting.delete(goOn);
      reject(new DatabaseUnavailableError("Others kept the database busy for too long."));
    };
    const timer = waitMsMax === undefined ? undefined : setTimeout(giveUp, waitMsMax);
    waiting.add(goOn);
  });
}
