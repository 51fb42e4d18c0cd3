import { once } from "node:events";
import { connect } from "node:net";

/**
 * Sends bytes as they stand over a connection of their own, says that no more will come, and reads everything that comes
 * back until the server closes it; in Latin-1, so that no byte is lost.
 */
export async function sendBytes(url: string, bytes: string): Promise<string> {
  const { port, hostname } = new URL(url);
  const socket = connect({ port: Number(port), host: hostname, allowHalfOpen: true });
  const chunks: Buffer[] = [];
  socket.on("data", (chunk: Buffer) => chunks.push(chunk));
  socket.end(bytes);
  await once(socket, "close");
  return Buffer.concat(chunks).toString("latin1");
}
