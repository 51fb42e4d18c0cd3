import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { expect } from "vitest";
import type { BrowserPage } from "./open-page.ts";

const axe = readFile(fileURLToPath(import.meta.resolve("axe-core/axe.min.js")), "utf8");

/** Expects axe to find nothing on the page, as it is now and in both themes. */
export async function expectAxeClean(page: BrowserPage): Promise<void> {
  await page.evaluate(`${await axe};0`);
  for (const theme of ["light", "dark"]) {
    const media = { features: [{ name: "prefers-color-scheme", value: theme }] };
    await page.devTools.send("Emulation.setEmulatedMedia", media);
    const found = await page.evaluate<unknown[]>(
      "axe.run().then(({ violations }) => violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)]))",
    );
    expect([theme, found]).toEqual([theme, []]);
  }
}
