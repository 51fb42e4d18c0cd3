import { expect, test } from "vitest";
import { summariseProfile } from "../../bench/api/read-profile.ts";

const node = (id: number, functionName: string, url: string, children: readonly number[] = []) => ({
  id,
  callFrame: { functionName, url, lineNumber: 9 },
  children,
});

test("time is charged to the package that causes it, without that in which nothing was to do", () => {
  const summary = summariseProfile({
    nodes: [
      node(1, "(idle)", ""),
      node(2, "query", "file:///x/node_modules/.pnpm/pg@8/node_modules/pg/lib/client.js", [3]),
      node(3, "write", "node:internal/streams/writable", [4]),
      node(4, "writev", ""),
      node(5, "authorize", "file:///x/packages/platform/src/access/access.ts"),
      node(6, "processTicks", "node:internal/process/task_queues", [7]),
      node(7, "writev", ""),
      node(8, "(garbage collector)", ""),
      node(9, "(program)", ""),
    ],
    samples: [1, 2, 4, 5, 7, 8, 9],
    timeDeltas: [500, 100, 100, 50, 100, 100, 50],
  });
  expect(summary.busy).toBe(0.5);
  expect(summary.byPart).toEqual([
    { name: "pg", share: 0.4 },
    { name: "node:process", share: 0.2 },
    { name: "garbage collection", share: 0.2 },
    { name: "packages/platform", share: 0.1 },
    { name: "the engine and the system", share: 0.1 },
  ]);
  expect(summary.byFunction.slice(0, 2)).toEqual([
    { name: "writev", share: 0.4 },
    { name: "query (pg, client.js:10)", share: 0.2 },
  ]);
});

test("a sample that came late, because another process had the core, counts as no more than a few", () => {
  const nodes = [node(1, "one", "node:one"), node(2, "other", "node:other")];
  const { byPart } = summariseProfile({ nodes, samples: [1, 2], timeDeltas: [90_000, 1_000] });
  expect(byPart.map(({ share }) => share)).toEqual([0.5, 0.5]);
});
