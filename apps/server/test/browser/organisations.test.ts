import { readNewestToken } from "@obsqra/features/testing";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { startTestServer, type TestServer } from "../wire/start-test-server.ts";
import { builtPages } from "./built-pages.ts";
import { expectAxeClean } from "./expect-axe-clean.ts";
import { type BrowserPage, openPage } from "./open-page.ts";
import { signInTab, signUpForBrowser } from "./sign-in-tab.ts";
import { browserPath, startBrowser, type TestBrowser } from "./start-browser.ts";
import { tabTo } from "./tab-to.ts";

// The pages are the same on both engines, so once is enough.
const isHere = inject("databaseEngine") === "pglite" && browserPath !== undefined;

describe.runIf(isHere)("in a browser (needs chromium on the PATH), an organisation", () => {
  let browser: TestBrowser;
  let server: TestServer;
  beforeAll(async () => {
    browser = await startBrowser();
    server = await startTestServer({ web: await builtPages() });
  });
  afterAll(async () => {
    await browser[Symbol.asyncDispose]();
    await server[Symbol.asyncDispose]();
  });

  /** Goes to a field by the keyboard, types and sends. */
  async function typeInto(page: BrowserPage, name: string, text: string): Promise<void> {
    await tabTo(page, name);
    await page.type(text);
    await page.press("Enter");
  }

  async function openSignedIn(email: string, path: string): Promise<BrowserPage> {
    const tab = await browser.openTab();
    await signInTab(tab, await signUpForBrowser(server, email));
    return openPage(tab, `${server.url}${path}`);
  }

  it("is made, acted for, and joined by invitation by the keyboard alone, and axe finds nothing", async () => {
    const page = await openSignedIn("ada@example.org", "/settings/organisations");
    await page.untilText("You belong to no organisation.");
    await expectAxeClean(page);
    await typeInto(page, "organisation-name", "Analytical Engines");
    await page.untilText("Act for it");
    await tabTo(page, "Act for it");
    await page.press("Enter");
    await page.untilText("No invitation waits.");
    // It is chosen beside the settings, too.
    expect(await page.evaluate(`document.querySelector(".top-end select").selectedOptions[0].text`)).toBe(
      "Analytical Engines",
    );
    await expectAxeClean(page);
    await typeInto(page, "invited", "charles@example.org");
    await page.untilText("The invitation is on its way to charles@example.org.");
    await page.untilText("Take back");

    const token = await readNewestToken(server.api, "organisation_invitation");
    const invited = await openSignedIn("charles@example.org", `/account/accept-invitation#token=${token}`);
    await invited.untilText("Become a member of the organisation");
    await expectAxeClean(invited);
    await tabTo(invited, "Accept");
    await invited.press("Enter");
    await invited.untilText("You belong to Analytical Engines now.");

    const again = await openPage(page.devTools, `${server.url}/settings/organisations`);
    await again.untilText("charles@example.org");
    await expectAxeClean(again);
    // What is asked for now is the organisation's.
    const asked = await again.evaluate<string>(`sessionStorage.getItem("obsqra.owner")`);
    const { organisations } = server.api.caller(
      JSON.parse(await again.evaluate<string>(`localStorage.getItem("obsqra.tokens")`)).access_token,
    );
    expect((await organisations.list()).items.map(({ id }) => id)).toEqual([asked]);
    expect([...page.complaints, ...invited.complaints, ...again.complaints]).toEqual([]);
  });
});
