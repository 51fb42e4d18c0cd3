import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";

const read = (path: string) => readFileSync(join(import.meta.dirname, path), "utf8");

it("has no table that docs/architecture.md leaves out", () => {
  const section = read("../../../docs/architecture.md")
    .split("\n## ")
    .find((part) => part.startsWith("The data"));
  const named = [...(section ?? "").matchAll(/`([a-z_]+\*?)`/g)].map(([, name = ""]) => name);
  const tables = new Set(
    [...read("schema.txt").matchAll(/^([a-z_]+)\.[a-z_]+ /gm)].map(([, name = ""]) => name),
  );
  expect(tables.size).toBeGreaterThan(30);
  const isNamed = (table: string) =>
    named.some((name) => (name.endsWith("*") ? table.startsWith(name.slice(0, -1)) : table === name));
  expect([...tables].filter((table) => !isNamed(table))).toEqual([]);
});
