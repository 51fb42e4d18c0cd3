import type { AddressInfo, Socket } from "node:net";
import { connect, createServer } from "node:net";

/** Stands between a client and a Postgres server, and can fall silent. */
export interface TestProxy extends AsyncDisposable {
  /** The given URL, by way of the proxy. */
  readonly url: string;
  /** Connections stay open, and new ones are accepted, but nothing gets through any more. */
  freeze(): void;
  thaw(): void;
  /** Ends the connections that there are; new ones are accepted. */
  cut(): void;
  /** Leads new connections to another server, as a name or an address does that moves to it; those that there are end. */
  leadTo(target: string): void;
}

/** Starts a TCP proxy in front of the server of a URL. */
export async function startProxy(target: string): Promise<TestProxy> {
  let { hostname, port } = new URL(target);
  const sockets = new Set<Socket>();
  let isFrozen = false;
  const server = createServer((near) => {
    const far = connect(Number(port), hostname);
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(from);
      from.on("data", (chunk) => to.write(chunk));
      from.on("error", () => to.destroy());
      from.on("close", () => {
        to.destroy();
        sockets.delete(from);
      });
      if (isFrozen) from.pause();
    }
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const cut = () => {
    for (const socket of sockets) socket.destroy();
  };
  const url = new URL(target);
  url.port = String((server.address() as AddressInfo).port);
  return {
    url: url.href,
    freeze: () => {
      isFrozen = true;
      for (const socket of sockets) socket.pause();
    },
    thaw: () => {
      isFrozen = false;
      for (const socket of sockets) socket.resume();
    },
    cut,
    leadTo: (other) => {
      ({ hostname, port } = new URL(other));
      cut();
    },
    [Symbol.asyncDispose]: async () => {
      cut();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
