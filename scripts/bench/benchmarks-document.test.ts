import { expect, test } from "vitest";
import type { Benchmark } from "./benchmark.ts";
import { formatSection, formatTable, replaceSection } from "./benchmarks-document.ts";

const rows = [
  { work: "sort", measured: "2 s", bar: "≤ 1 s", met: false, peer: "" },
  { work: "add", measured: "1 s", bar: "none", met: true, peer: "other 3 s" },
];
const benchmark: Benchmark = {
  name: "sums",
  title: "Sums",
  description: "Measured by hand.",
  run: async () => rows,
};

test("a table has aligned columns, and shouts where a bar is missed", () => {
  expect(formatTable(rows)).toBe(`| work | measured | bar   | met | peer      |
| ---- | -------- | ----- | --- | --------- |
| sort | 2 s      | ≤ 1 s | NO  |           |
| add  | 1 s      | none  | yes | other 3 s |`);
});

test("a section names the command, the machine and how it was measured", () => {
  const section = formatSection(benchmark, rows, "a machine, 2 cores.");
  for (const text of ["## Sums", "`pnpm bench sums`", "a machine, 2 cores.", "Measured by hand."]) {
    expect(section).toContain(text);
  }
});

test("a section is added at the end, then replaced, and others are left alone", () => {
  const first = replaceSection("# Benchmarks\n", "sums", "old");
  const both = replaceSection(first, "products", "kept");
  const replaced = replaceSection(both, "sums", "new");
  expect(replaced).toBe(
    "# Benchmarks\n\n<!-- sums -->\n\nnew\n\n<!-- /sums -->\n\n<!-- products -->\n\nkept\n\n<!-- /products -->\n",
  );
});
