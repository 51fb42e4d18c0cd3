import type { BrowserPage } from "./open-page.ts";

const focused = `[document.activeElement.name, document.activeElement.textContent.trim()]`;

/** Goes on by the keyboard until what has this name or says this has the focus. */
export async function tabTo(page: BrowserPage, name: string): Promise<void> {
  for (let tabs = 0; tabs < 60; tabs += 1) {
    await page.press("Tab");
    if ((await page.evaluate<string[]>(focused)).includes(name)) return;
  }
  throw new Error(`The keyboard does not reach ${name}.`);
}
