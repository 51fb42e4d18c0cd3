import { expect, it } from "vitest";
import { gatherLines } from "./log-output.ts";

/** An output that takes at most so many bytes in all, until it is given more room. */
function createOutput(room: number, failure: Error = Object.assign(new Error("full"), { code: "ENOSPC" })) {
  const taken: Uint8Array[] = [];
  let left = room;
  return {
    text: () => Buffer.concat(taken).toString(),
    makeRoom: () => {
      left = Number.POSITIVE_INFINITY;
    },
    write: (bytes: Uint8Array) => {
      const count = Math.min(left, bytes.length);
      if (count === 0) throw failure;
      left -= count;
      taken.push(bytes.slice(0, count));
      return count;
    },
  };
}

const codes = ["ENOSPC", "EAGAIN", "EPIPE"];

it.each(codes)("goes on when the output takes nothing (%s), and writes what waited in order", (code) => {
  for (const room of [0, 5_001]) {
    const output = createOutput(room, Object.assign(new Error(code), { code }));
    const lines = gatherLines(output.write);
    for (let number = 0; number < 2_000; number += 1) lines.write(`${JSON.stringify({ number })}\n`);
    output.makeRoom();
    lines.flush();
    const numbers = output.text().trimEnd().split("\n");
    expect(numbers.map((line) => JSON.parse(line).number)).toEqual([...numbers.keys()]);
  }
});

it("keeps no more than a mebibyte, and says how many lines were lost", () => {
  const output = createOutput(0);
  const lines = gatherLines(output.write);
  const line = `${JSON.stringify({ filler: "x".repeat(1_000) })}\n`;
  for (let number = 0; number < 3_000; number += 1) lines.write(line);
  output.makeRoom();
  lines.flush();
  const written = output.text().trimEnd().split("\n");
  expect(written.length).toBeLessThan(1_100);
  const lost = JSON.parse(written.at(-1) ?? "");
  expect(lost).toMatchObject({ level: 40, msg: expect.stringContaining("lost") });
  expect(lost.lines + written.length - 1).toBe(3_000);
});
