import { expect, test } from "vitest";
import { summariseProfile } from "./read-profile.ts";

const frame = (id: number, functionName: string, url: string) => ({
  id,
  callFrame: { functionName, url, lineNumber: 9 },
});

test("time is shared out by part and by function, without that in which nothing was to do", () => {
  const summary = summariseProfile({
    nodes: [
      frame(1, "(idle)", ""),
      frame(2, "writev", ""),
      frame(3, "parse", "file:///x/node_modules/.pnpm/zod@4/node_modules/zod/v4/core.js"),
      frame(4, "authorize", "file:///x/packages/platform/src/access/access.ts"),
      frame(5, "emit", "node:internal/streams/writable"),
      frame(6, "(garbage collector)", ""),
    ],
    samples: [1, 2, 3, 4, 5, 6, 2],
    timeDeltas: [500, 100, 100, 50, 50, 100, 100],
  });
  expect(summary.busy).toBe(0.5);
  expect(summary.byPart).toEqual([
    { name: "built-in functions", share: 0.4 },
    { name: "zod", share: 0.2 },
    { name: "garbage collection", share: 0.2 },
    { name: "packages/platform", share: 0.1 },
    { name: "node:streams", share: 0.1 },
  ]);
  expect(summary.byFunction[1]).toEqual({ name: "parse (zod, core.js:10)", share: 0.2 });
});
