import { Agent, get } from "node:http";
import type { LiveEvent } from "@obsqra/client";
import type { OpenStreams } from "./subscribers.process.ts";

const agent = new Agent({ maxSockets: Number.POSITIVE_INFINITY });

/** Opens a stream over plain HTTP. */
export function openServerSentEvents(streams: OpenStreams): Promise<void> {
  const { url, reader, look, count, noteOpen, noteClosed } = streams;
  const headers = { authorization: reader.authorization, "x-forwarded-for": reader.address };
  return new Promise((resolve, reject) => {
    const request = get(`${url}/api/v1/events`, { agent, headers }, (response) => {
      if (response.statusCode !== 200) {
        reject(new Error(`A stream is refused with ${response.statusCode}.`));
        return;
      }
      noteOpen();
      response.once("close", noteClosed);
      response.on(
        "data",
        look === undefined ? (chunk: Buffer) => count(countEvents(chunk)) : createLook(look),
      );
      resolve();
    });
    request.on("error", () => {});
  });
}

const marker = Buffer.from("\nid: ");

/** Every event but the first of a chunk follows a line break; each chunk of the server's begins with one. */
function countEvents(chunk: Buffer): number {
  let events = 1;
  for (let at = chunk.indexOf(marker); at !== -1; at = chunk.indexOf(marker, at + 1)) events += 1;
  return events;
}

function createLook(look: (event: LiveEvent) => void): (chunk: Buffer) => void {
  let text = "";
  return (chunk) => {
    text += chunk.toString();
    for (let end = text.indexOf("\n\n"); end !== -1; end = text.indexOf("\n\n")) {
      const [, data] = /^data: (.*"type":"protocol.*)$/m.exec(text.slice(0, end)) ?? [];
      text = text.slice(end + 2);
      if (data !== undefined) look(JSON.parse(data) as LiveEvent);
    }
  };
}
