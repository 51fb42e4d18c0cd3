import { existsSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { costlyFiles, describeCosts, fileBudgetMs } from "./costs.ts";
import { readProcessorTimeMs } from "./processor-time.ts";

it("names what has cost the most, and what has used more than its budget without leave", () => {
  const cheap = { file: "a.test.ts", project: "unit", processorTimeMs: 5 };
  const costly = { file: "b.test.ts", project: "pglite", processorTimeMs: fileBudgetMs + 1 };
  const [allowed = ""] = Object.keys(costlyFiles);
  const withLeave = { ...costly, file: allowed };
  expect(describeCosts([withLeave, cheap], 90_000)).toContain("Processor time: 90.0 s");
  expect(describeCosts([withLeave, cheap], 90_000)).not.toContain("may use");
  expect(describeCosts([costly, withLeave, cheap], 90_000).split("may use")[1]).toMatch(/b\.test\.ts\n$/);
});

it("gives leave only to files that are there", () => {
  const root = join(import.meta.dirname, "../..");
  expect(Object.keys(costlyFiles).filter((file) => !existsSync(join(root, file)))).toEqual([]);
});

it("counts the processor time of this process, and of those that have ended", () => {
  const before = readProcessorTimeMs();
  while (readProcessorTimeMs() - before < 20);
  expect(readProcessorTimeMs()).toBeGreaterThan(before);
});
