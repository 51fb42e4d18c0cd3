import { readFile } from "node:fs/promises";
import { expect, it } from "vitest";
import { retentionRules } from "../src/retention/clean-up.service.ts";

it("says in docs/operations.md what goes, after how many days, and why", async () => {
  const document = await readFile(new URL("../../../docs/operations.md", import.meta.url), "utf8");
  const section = document.split("## What is kept, and for how long")[1]?.split("\n## ")[0] ?? "";
  const rows = section
    .split("\n")
    .filter((line) => line.startsWith("| "))
    .map((line) => line.split("|").map((cell) => cell.trim()));
  const [_header, _rule, ...described] = rows.map(([, what, days, why]) => ({ what, days, why }));
  expect(described).toEqual(retentionRules.map(({ what, days, why }) => ({ what, days: String(days), why })));
});
