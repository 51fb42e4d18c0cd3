import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { createKnownBytes } from "@obsqra/platform/testing";

/** A line to whichever server listens. */
export interface BreakingLine extends AsyncDisposable {
  readonly url: string;
}

/** More than the headers of a response and an event, so that each connection brings its reader on. */
const bytesMin = 4_000;
const bytesMost = 24_000;

/**
 * Starts a line on which every connection breaks after some bytes, in the middle of whatever is said, and when its server goes.
 *
 * @param urls the servers that listen just now
 */
export async function startBreakingLine(urls: () => readonly string[]): Promise<BreakingLine> {
  const randomBytes = createKnownBytes("line");
  const open = new Set<Socket>();
  let turn = 0;
  const server = createServer((near) => {
    open.add(near);
    near.once("close", () => open.delete(near)).on("error", () => {});
    const servers = urls();
    turn += 1;
    const url = servers[turn % servers.length];
    if (url === undefined) return void near.destroy();
    const { hostname, port } = new URL(url);
    const far = connect(Number(port), hostname);
    far.on("error", () => {}).once("close", () => near.destroySoon());
    near.once("close", () => far.destroy());
    near.pipe(far);
    let left = bytesMin + (Buffer.from(randomBytes(4)).readUInt32LE() % (bytesMost - bytesMin));
    far.on("data", (chunk: Buffer) => {
      near.write(chunk.subarray(0, left));
      left -= chunk.length;
      if (left <= 0) far.destroy();
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo; // A TCP server that listens has a port.
  return {
    url: `http://127.0.0.1:${port}`,
    [Symbol.asyncDispose]: async () => {
      server.close();
      for (const socket of open) socket.destroy();
      await once(server, "close");
    },
  };
}
