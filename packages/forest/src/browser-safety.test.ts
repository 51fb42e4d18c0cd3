import { readFileSync } from "node:fs";
import { expect, test } from "vitest";

/** Every module that the one at `url` loads, itself included; type imports are erased and load nothing. */
function loadedFrom(url: URL, known = new Map<string, string>()): Map<string, string> {
  if (known.has(url.href)) return known;
  const source = readFileSync(url, "utf8");
  known.set(url.href, source);
  for (const [, specifier = ""] of source.matchAll(/^(?:import|export) (?!type).*? from "([^"]+)"/gms)) {
    expect(specifier, `${url.pathname} must not need Node or a package`).toMatch(/^\.\.?\//);
    loadedFrom(new URL(specifier, url), known);
  }
  return known;
}

test("the main entry loads nothing but this package's own files, and no Node global, so that it runs in a browser", () => {
  const modules = loadedFrom(new URL("./index.ts", import.meta.url));
  expect(modules.size).toBeGreaterThan(15);
  for (const [name, source] of modules) {
    expect(name).not.toContain("/worker/");
    expect(source, name).not.toMatch(/\b(process|Buffer|require|__dirname|setImmediate)\b[.(]/);
  }
});
