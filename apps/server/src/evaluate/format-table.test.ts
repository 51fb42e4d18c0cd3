import { expect, it } from "vitest";
import { markdownTable, plainTable } from "./format-table.ts";

const table = {
  columns: ["name", "n", "share", "change"],
  rows: [
    ["last_value", "7", "12.5 %", "-0.5 %"],
    ["mean", "1200", "-", "+10.0 %"],
  ],
};

it("aligns words to the left and figures to the right", () => {
  expect(plainTable(table)).toBe(
    [
      "name           n   share   change",
      "last_value     7  12.5 %   -0.5 %",
      "mean        1200       -  +10.0 %",
    ].join("\n"),
  );
});

it("says so to Markdown, too", () => {
  expect(markdownTable(table)).toBe(
    [
      "| name       |    n |  share |  change |",
      "| ---------- | ---: | -----: | ------: |",
      "| last_value |    7 | 12.5 % |  -0.5 % |",
      "| mean       | 1200 |      - | +10.0 % |",
    ].join("\n"),
  );
});

it("leaves no blanks at the end of a line", () => {
  expect(plainTable({ columns: ["n", "word"], rows: [["1", "a"]] })).toBe("  n  word\n  1  a");
});
