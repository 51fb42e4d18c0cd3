import { expect, it } from "vitest";
import { readImports } from "./read-imports.ts";

const read = (source: string) => readImports("a.ts", source).map(({ line, specifier }) => [line, specifier]);

it("reads every form of import, with its line", () => {
  const source = [
    'import { a } from "one";',
    'import type { B } from "two";',
    'import "three";',
    "export {",
    "  c,",
    "  type D,",
    '} from "four";',
    'export * from "five";',
    'const e = await import("six");',
    'let f: import("seven").G;',
  ].join("\n");
  expect(read(source)).toEqual([
    [1, "one"],
    [2, "two"],
    [3, "three"],
    [7, "four"],
    [8, "five"],
    [9, "six"],
    [10, "seven"],
  ]);
});

it("reads nothing in comments and strings", () => {
  expect(read('// import "one";\nexport const text = `import "two"; import("three")`;\n')).toEqual([]);
});

it("refuses what it cannot read, with the file's name", () => {
  expect(() => readImports("a.ts", "import {")).toThrow("a.ts");
});

it.each(["import(name)", "import(`one`)", 'import(/* why */ "one" + name)'])(
  "refuses %s, whatever it leads to",
  (code) => {
    expect(() => read(`const name = "two";\nawait ${code};\n`)).toThrow(
      "a.ts:2: import() takes a plain string",
    );
  },
);
