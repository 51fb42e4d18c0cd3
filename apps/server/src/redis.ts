import { Redis } from "ioredis";

/**
 * Connects to Redis. It is optional: while it is away, commands fail at once instead of waiting for it, and the
 * connection is tried again in the background.
 *
 * @param onConnectionError hears once of each loss, and once of a server that is not there from the start; the reason is
 * without credentials
 */
export async function openRedis(
  url: string,
  onConnectionError?: (loss: { readonly reason: string }) => void,
): Promise<Redis> {
  const client = new Redis(url, {
    lazyConnect: true,
    connectTimeout: 2_000,
    commandTimeout: 1_000,
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    retryStrategy: (attempts) => Math.min(attempts * 100, 2_000),
  });
  let isLost = false;
  const report = (reason: string) => {
    if (isLost) return;
    isLost = true;
    onConnectionError?.({ reason });
  };
  client.on("ready", () => {
    isLost = false;
  });
  // Without a listener each failed attempt to connect is written to the console.
  client.on("error", (error) => report(error.message));
  // A server that goes away in order closes the connection without an error. Nor does this come after disconnect().
  client.on("reconnecting", () => report("The server has closed the connection."));
  await client.connect().catch(() => {});
  return client;
}
