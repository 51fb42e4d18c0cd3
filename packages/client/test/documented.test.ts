import { readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { expect, it } from "vitest";

const source = join(import.meta.dirname, "../src");

/** The names of a module's exports that have no documentation. */
async function undocumentedIn(path: string, isPublic: (name: string) => boolean): Promise<string[]> {
  const text = await readFile(path, "utf8");
  const exported = /^export (?:async )?(?:interface|type|class|const|function\*?) (\w+)/gm;
  // Of a function with several signatures, the first one speaks for all.
  const first = new Map(
    Array.from(text.matchAll(exported), ({ 1: name = "", index }) => [name, index] as const).toReversed(),
  );
  return [...first]
    .filter(([name, index]) => isPublic(name) && !text.slice(0, index).endsWith("*/\n"))
    .map(([name]) => name);
}

it.each(["index.ts", "react-query/index.ts", "testing/index.ts"])(
  "has documentation of all that %s exports",
  async (index) => {
    const text = await readFile(join(source, index), "utf8");
    const modules = Array.from(text.matchAll(/^export (.*?) from "(.*?)";$/gms));
    expect(modules).not.toHaveLength(0);
    for (const [, what = "", module = ""] of modules) {
      const names = new Set(what.match(/\w+/g));
      const isPublic = (name: string) => what.includes("*") || names.has(name);
      const path = join(source, dirname(index), module);
      expect([module, await undocumentedIn(path, isPublic)]).toEqual([module, []]);
    }
  },
);
