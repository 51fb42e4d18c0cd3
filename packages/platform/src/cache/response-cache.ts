import { BentoCache, bentostore, errors } from "bentocache";
import { memoryDriver } from "bentocache/drivers/memory";
import type { CreateDriverResult, L2CacheDriver } from "bentocache/types";
import type { z } from "zod";
import type { Logger } from "../logger.ts";

/** Keeps responses that are costly to compute, and the same for everybody who asks. */
export interface ResponseCache {
  /**
   * The response that is cached under a key, or else what `compute` gives, which is cached from then on. However many ask at
   * once in this process, it is computed once; a failure fails those who waited for it, and is not kept. Trouble with
   * the cache itself is logged, and the response computed.
   *
   * @param key names the request and everything that the response depends on
   * @param schema what a response has to look like; an entry that does not is computed again
   * @returns a value that others may have got, too: do not change it
   * @throws what `compute` throws
   */
  getOrCompute<TResponse>(
    key: string,
    schema: z.ZodType<TResponse>,
    compute: () => Promise<TResponse>,
  ): Promise<TResponse>;
}

/** How a response cache is made. */
export interface ResponseCacheOptions {
  readonly log: Pick<Logger, "warn">;
  /** What several processes share. @default nothing: each remembers for itself */
  readonly shared?: L2CacheDriver | undefined;
}

/** Newer data has a new key; this is for what nobody asks about any more, and for data that was changed by hand. */
const lifetimeMs = 10 * 60 * 1000;
const memorySizeMax = "32mb";
/** How long a shared cache that has failed is left alone. */
const sharedPauseMs = 10_000;

/** Makes a cache in this process' memory, before one that several processes may share. */
export function createResponseCache({ log, shared }: ResponseCacheOptions): ResponseCache {
  const memory = bentostore().useL1Layer(memoryDriver({ maxSize: memorySizeMax }));
  const cache = new BentoCache({
    default: "responses",
    ttl: lifetimeMs,
    l2CircuitBreakerDuration: sharedPauseMs,
    stores: { responses: shared === undefined ? memory : memory.useL2Layer(asLayer(shared)) },
  });
  const underWay = new Map<string, Promise<unknown>>();

  async function read<TResponse>(
    key: string,
    schema: z.ZodType<TResponse>,
    compute: () => Promise<TResponse>,
  ): Promise<TResponse> {
    const computed: TResponse[] = [];
    const factory = async () => {
      const response = await compute();
      computed.push(response);
      return response;
    };
    const kept = await cache.getOrSet<unknown>({ key, factory }).catch((error: unknown) => {
      throw error instanceof errors.E_FACTORY_ERROR ? error.cause : error;
    });
    const [fresh] = computed;
    if (fresh !== undefined) return fresh;
    const parsed = schema.safeParse(kept);
    if (parsed.success) return parsed.data;
    log.warn(
      { err: parsed.error, key },
      "A cache entry is not what it should be; the response is computed again",
    );
    await cache.delete({ key });
    return compute();
  }

  return {
    // Those who wait for bentocache would compute one after the other when the first fails.
    getOrCompute: <TResponse>(
      key: string,
      schema: z.ZodType<TResponse>,
      compute: () => Promise<TResponse>,
    ) => {
      // Whatever is under way for a key was asked with the key's schema.
      const begun = underWay.get(key) as Promise<TResponse> | undefined;
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
