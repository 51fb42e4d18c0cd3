import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { answerAddCheckpoint, fromBase64, parseVerifierKey, type TreeHead } from "@obsqra/receipts";

/**
 * A witness in a process of its own, which knows one log. Its name, its secret key, the log's key and the time are its arguments; it tells the
 * process that started it its port.
 */
const [name = "", secretKey = "", logKey = "", now = ""] = process.argv.slice(2);
const key = parseVerifierKey(logKey);
const identity = { name, secretKey: fromBase64(secretKey), clock: () => new Date(now) };
let newest: TreeHead | undefined;
// One request at a time: the next is answered by what the last one has left.
let last: Promise<unknown> = Promise.resolve();

const server = createServer((request, response) => {
  last = last.then(async () => {
    const body = await text(request);
    const answer = await answerAddCheckpoint(body, identity, async (origin) =>
      origin === key.name ? { keys: [key], newest } : undefined,
    );
    if (answer.accepted !== undefined) newest = answer.accepted;
    response.writeHead(answer.status, { "content-type": answer.type }).end(answer.body);
  });
});
server.listen(0, "127.0.0.1", () => {
  // A TCP server that listens has a port.
  process.send?.((server.address() as AddressInfo).port);
});
process.on("disconnect", () => process.exit());
