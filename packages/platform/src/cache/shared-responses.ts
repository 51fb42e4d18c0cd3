import { LRUCache } from "lru-cache";
import { createFairTurns } from "../limits/fair-turns.ts";

/** Responses that are the same for everybody who asks, made and printed once while they are asked for. */
export interface SharedResponses {
  /**
   * The response of a key, or what `respond` makes, which is given from then on. However many ask at once, it is made once. Callers take
   * turns in having responses made, few at a time, so that those who ask for many different ones do not keep the process from others.
   *
   * @param key names the request and everything that the response depends on
   * @returns a value that others get, too: do not change it
   * @throws what `respond` throws; DatabaseUnavailableError when the caller's turn does not come
   */
  share(key: string, caller: string, respond: () => Promise<unknown>): Promise<unknown>;
}

interface SharedResponsesOptions {
  /** How much JSON is kept. As objects it takes several times as much. @default 4 MiB */
  readonly bytesMax?: number;
  /** Responses that are made at once. @default 2 */
  readonly atOnce?: number;
}

/** Keeps responses in the memory of this process; those that were asked for longest ago go first. */
export function createSharedResponses({
  bytesMax = 4 * 1024 * 1024,
  atOnce = 2,
}: SharedResponsesOptions = {}): SharedResponses {
  const turns = createFairTurns({ atOnce, waitMsMax: 10_000 });
  const kept = new LRUCache<string, object>({
    maxSize: bytesMax,
    sizeCalculation: (response) => printed.get(response)?.length ?? 1,
  });
  const underWay = new Map<string, Promise<unknown>>();

  function keep(key: string, response: unknown): void {
    if (typeof response !== "object" || response === null) return;
    printed.set(response, JSON.stringify(response));
    kept.set(key, response);
  }

  return {
    share: (key, caller, respond) => {
      const known = kept.get(key);
      if (known !== undefined) return Promise.resolve(known);
      const begun = underWay.get(key);
      if (begun !== undefined) return begun;
      const making = turns(caller, respond)
        .then((response) => {
          keep(key, response);
          return response;
        })
        .finally(() => underWay.delete(key));
      underWay.set(key, making);
      return making;
    },
  };
}

const printed = new WeakMap<object, string>();

/** The JSON of a response that is shared; undefined of others. */
export function printedResponse(response: unknown): string | undefined {
  return typeof response === "object" && response !== null ? printed.get(response) : undefined;
}
