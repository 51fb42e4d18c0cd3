import { createServer } from "node:net";

/** The port is taken; found out before the long steps of a start, not after. */
export class PortInUseError extends Error {
  override readonly name = "PortInUseError";
}

/**
 * Makes sure that the server will be able to listen.
 *
 * @throws PortInUseError
 */
export async function assertPortIsFree(host: string, port: number): Promise<void> {
  const probe = createServer();
  try {
    await new Promise<void>((resolve, reject) => {
      probe.once("error", reject);
      probe.listen({ host, port, exclusive: true }, resolve);
    });
  } catch (cause) {
    if (!(cause instanceof Error && "code" in cause && cause.code === "EADDRINUSE")) throw cause;
    const message = `Port ${port} is in use. Stop what uses it, or set API_PORT to another port.`;
    throw new PortInUseError(message, { cause });
  } finally {
    if (probe.listening) await new Promise((resolve) => probe.close(resolve));
  }
}
