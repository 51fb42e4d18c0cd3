import { once } from "node:events";
import type { Writable } from "node:stream";
import { expect, it } from "vitest";
import * as ws from "ws";
import { frameTexts } from "./text-frames.ts";

// The types of ws leave out what reads its frames.
const { Receiver } = ws as unknown as {
  readonly Receiver: new (options: { readonly isServer: boolean }) => Writable;
};

/** Reads frames by ws, as a client does. */
async function readFrames(frames: Buffer): Promise<string[]> {
  const receiver = new Receiver({ isServer: false });
  const read: string[] = [];
  receiver.on("message", (data: Buffer, isBinary: boolean) => read.push(isBinary ? "bytes" : String(data)));
  receiver.end(frames);
  await once(receiver, "finish");
  return read;
}

it("writes messages of every length as a client reads them, with the head before each", async () => {
  // A length is written in one way up to 125 bytes, in another up to 65,535.
  const lengths = [0, 1, 124, 125, 126, 65_534, 65_535, 65_536, 200_000];
  const tails = lengths.map((length) => Buffer.from("x".repeat(length)));
  for (const head of ["", "ä"]) {
    const frames = frameTexts(Buffer.from(head), tails);
    expect(await readFrames(frames)).toEqual(tails.map((tail) => `${head}${tail}`));
  }
});

it("writes nothing for no message", () => {
  expect(frameTexts(Buffer.from("head"), [])).toHaveLength(0);
});
