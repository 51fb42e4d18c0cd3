import { once } from "node:events";
import { connect } from "node:net";

/**
 * Sends bytes as they stand over a connection of their own, and reads everything that comes back until the server closes
 * it; in Latin-1, so that no byte is lost.
 *
 * @param isLast whether to say that no more will come; then Node may close before a slow response is there. @default true
 */
export async function sendBytes(url: string, bytes: string, isLast = true): Promise<string> {
  const { port, hostname } = new URL(url);
  const socket = connect({ port: Number(port), host: hostname, allowHalfOpen: true });
  const chunks: Buffer[] = [];
  socket.on("data", (chunk: Buffer) => chunks.push(chunk));
  if (isLast) socket.end(bytes);
  else socket.once("end", () => socket.end()).write(bytes);
  await once(socket, "close");
  return Buffer.concat(chunks).toString("latin1");
}
