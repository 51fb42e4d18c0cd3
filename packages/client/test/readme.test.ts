import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, it } from "vitest";

const folder = join(import.meta.dirname, "../examples");

// The files are type-checked with everything else, so that what the README shows compiles.
it("shows every example in the README, as it is, and no other code", async () => {
  const readme = await readFile(join(import.meta.dirname, "../README.md"), "utf8");
  const shown = Array.from(readme.matchAll(/```ts\n(.*?)```/gs), ([, block]) => block).sort();
  const names = (await readdir(folder)).filter((name) => name.endsWith(".ts"));
  const examples = await Promise.all(names.map((name) => readFile(join(folder, name), "utf8")));
  expect(shown).toEqual(examples.sort());
});

// The files are compiled, built and used by the long test of the app that they are.
it("shows every file of the Next.js guide, as it is", async () => {
  const guide = join(folder, "nextjs");
  const text = await readFile(join(guide, "README.md"), "utf8");
  const shown = Array.from(text.matchAll(/```tsx?\n\/\/ (.*?)\n(.*?)```/gs), ([, path, code]) => [
    path,
    code,
  ]);
  expect(shown.length).toBeGreaterThan(5);
  for (const [path = "", code] of shown) {
    expect([path, code]).toEqual([path, await readFile(join(guide, path), "utf8")]);
  }
});
