import { expect, it } from "vitest";
import { BodyTooLargeError, readText } from "./index.ts";

/** A body that goes on for as long as it is read, and how many chunks were. */
function endless(chunk: string) {
  let pulled = 0;
  let isCancelled = false;
  const bytes = new TextEncoder().encode(chunk);
  const body = new ReadableStream<Uint8Array>({
    pull: (controller) => {
      pulled += 1;
      controller.enqueue(bytes);
    },
    cancel: () => {
      isCancelled = true;
    },
  });
  return { response: new Response(body), seen: () => ({ pulled, isCancelled }) };
}

it("reads a text of as many bytes as the limit, whose characters are cut by chunks", async () => {
  const bytes = new TextEncoder().encode("é😀");
  const body = new ReadableStream<Uint8Array>({
    start: (controller) => {
      for (const byte of bytes) controller.enqueue(Uint8Array.of(byte));
      controller.close();
    },
  });
  expect(await readText(new Response(body), bytes.length)).toBe("é😀");
  expect(await readText(new Response(null), 0)).toBe("");
});

it("gives up a body that is longer, whatever its head said, and reads no further", async () => {
  const { response, seen } = endless("1234");
  await expect(readText(response, 10)).rejects.toBeInstanceOf(BodyTooLargeError);
  expect(seen().isCancelled).toBe(true);
  expect(seen().pulled).toBeLessThanOrEqual(4);
});
