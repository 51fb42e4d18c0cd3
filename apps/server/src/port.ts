import { createServer } from "node:net";

/** The server will not be able to listen; found out before the long steps of a start. */
export class CannotListenError extends Error {
  override readonly name = "CannotListenError";
}

/**
 * The address to listen on. For `localhost`, Fastify would open a second server for the other family of addresses, which
 * has neither our limits on connections nor our responses to what is not HTTP. Clients try both.
 */
export function addressToListenOn(host: string): string {
  return host === "localhost" ? "127.0.0.1" : host;
}

/**
 * Makes sure that the server will be able to listen.
 *
 * @throws CannotListenError
 */
export async function assertPortIsFree(
  host: string,
  port: number,
  setting: "API_PORT" | "METRICS_PORT" = "API_PORT",
): Promise<void> {
  const probe = createServer();
  try {
    await new Promise<void>((resolve, reject) => {
      probe.once("error", reject);
      probe.listen({ host, port, exclusive: true }, resolve);
    });
  } catch (cause) {
    const code = cause instanceof Error && "code" in cause ? cause.code : undefined;
    const message =
      code === "EADDRINUSE"
        ? `Port ${port} is in use. Stop what uses it, or set ${setting} to another port.`
        : `The server cannot listen on ${host}, port ${port} (${code}). Check API_HOST and ${setting}.`;
    throw new CannotListenError(message, { cause });
  } finally {
    if (probe.listening) await new Promise((resolve) => probe.close(resolve));
  }
}
