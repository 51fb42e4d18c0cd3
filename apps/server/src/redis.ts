import { Redis } from "ioredis";

/**
 * Connects to Redis. It is optional: while it is away, commands fail at once instead of waiting for it, and it is looked
 * for again in the background.
 */
export async function openRedis(url: string): Promise<Redis> {
  const client = new Redis(url, {
    lazyConnect: true,
    connectTimeout: 2_000,
    commandTimeout: 1_000,
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    retryStrategy: (attempts) => Math.min(attempts * 100, 2_000),
  });
  // Without a listener each failed attempt to connect is written to the console. Whoever sends commands hears of it.
  client.on("error", () => {});
  await client.connect().catch(() => {});
  return client;
}
