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

it("names every feature of the API", async () => {
  const [readme, router] = await Promise.all(
    ["../README.md", "../src/router.ts"].map((path) => readFile(join(import.meta.dirname, path), "utf8")),
  );
  const [, client = ""] = router?.split("export interface ObsqraClient {") ?? [];
  const [, told = ""] = /The client has the features (.*?)\. /s.exec(readme ?? "") ?? [];
  const features = Array.from(client.matchAll(/^ {2}(\w+): \{$/gm), ([, name]) => name);
  expect(Array.from(told.matchAll(/`(\w+)`/g), ([, name]) => name)).toEqual(features);
});

// The files are compiled, built and used by the long tests of the apps that they are.
it.each(["nextjs", "sveltekit", "vite-react"])(
  "shows every file of the guide for %s, as it is",
  async (name) => {
    const guide = join(folder, name);
    const text = await readFile(join(guide, "README.md"), "utf8");
    const blocks = text.matchAll(/```(?:tsx?|svelte)\n(?:\/\/|<!--) (\S+)(?: -->)?\n(.*?)```/gs);
    const shown = Array.from(blocks, ([, path = "", code]) => [path, code] as const);
    for (const [path, code] of shown) {
      expect([path, code]).toEqual([path, await readFile(join(guide, path), "utf8")]);
    }
    const files = await readdir(guide, { recursive: true });
    const sources = files.filter((file) => /\.(tsx?|svelte)$/.test(file) && file !== "vite.config.ts");
    // The frame of a page says nothing about the API.
    const told = sources.filter((file) => file !== "app/layout.tsx");
    expect(shown.map(([path]) => path).sort()).toEqual(told.sort());
  },
);
