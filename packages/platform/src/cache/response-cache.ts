import { BentoCache, bentostore, errors } from "bentocache";
import { memoryDriver } from "bentocache/drivers/memory";
import type { CreateDriverResult, L2CacheDriver } from "bentocache/types";
import type { z } from "zod";
import type { Logger } from "../logger.ts";

/** Keeps answers that are costly to work out, and the same for everybody who asks. */
export interface AnswerCache {
  /**
   * The answer that is kept under a key, or else what `compute` gives, which is kept from then on. However many ask at
   * once in this process, it is computed once; a failure fails those who waited for it, and is not kept. Trouble with
   * the cache itself is logged, and the answer computed.
   *
   * @param key names the question and everything that the answer rests on
   * @param schema what an answer has to look like; a kept one that does not is computed again
   * @returns a value that others may have got, too: do not change it
   * @throws what `compute` throws
   */
  getOrCompute<TAnswer>(
    key: string,
    schema: z.ZodType<TAnswer>,
    compute: () => Promise<TAnswer>,
  ): Promise<TAnswer>;
}

/** How an answer cache is made. */
export interface AnswerCacheOptions {
  readonly log: Pick<Logger, "warn">;
  /** What several processes share. @default nothing: each remembers for itself */
  readonly shared?: L2CacheDriver | undefined;
}

/** Newer data has a new key; this is for what nobody asks about any more, and for data that was changed by hand. */
const lifetimeMs = 10 * 60 * 1000;
const memorySizeMax = "32mb";
/** While what is shared cannot be used, it is not asked for so long. */
const sharedPauseMs = 10_000;

/** Makes a cache in this process' memory, before one that several processes may share. */
export function createAnswerCache({ log, shared }: AnswerCacheOptions): AnswerCache {
  const memory = bentostore().useL1Layer(memoryDriver({ maxSize: memorySizeMax }));
  const cache = new BentoCache({
    default: "answers",
    ttl: lifetimeMs,
    l2CircuitBreakerDuration: sharedPauseMs,
    stores: { answers: shared === undefined ? memory : memory.useL2Layer(asLayer(shared)) },
  });
  const underWay = new Map<string, Promise<unknown>>();

  async function read<TAnswer>(
    key: string,
    schema: z.ZodType<TAnswer>,
    compute: () => Promise<TAnswer>,
  ): Promise<TAnswer> {
    const computed: TAnswer[] = [];
    const factory = async () => {
      const answer = await compute();
      computed.push(answer);
      return answer;
    };
    const kept = await cache.getOrSet<unknown>({ key, factory }).catch((error: unknown) => {
      throw error instanceof errors.E_FACTORY_ERROR ? error.cause : error;
    });
    const [fresh] = computed;
    if (fresh !== undefined) return fresh;
    const parsed = schema.safeParse(kept);
    if (parsed.success) return parsed.data;
    log.warn({ err: parsed.error, key }, "A cached answer is not what it should be, and is computed again");
    await cache.delete({ key });
    return compute();
  }

  return {
    // Those who wait for bentocache would compute one after the other when the first fails.
    getOrCompute: <TAnswer>(key: string, schema: z.ZodType<TAnswer>, compute: () => Promise<TAnswer>) => {
      // Whatever is under way for a key was asked with the key's schema.
      const begun = underWay.get(key) as Promise<TAnswer> | undefined;
      if (begun !== undefined) return begun;
      const reading = read(key, schema, compute).finally(() => underWay.delete(key));
      underWay.set(key, reading);
      return reading;
    },
  };
}

function asLayer(driver: L2CacheDriver): CreateDriverResult<L2CacheDriver> {
  return { options: {}, factory: () => driver };
}
