import { codeAt } from "@obsqra/features/testing";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { password, startTestServer, type TestServer } from "../wire/start-test-server.ts";
import { builtPages } from "./built-pages.ts";
import { expectAxeClean } from "./expect-axe-clean.ts";
import { type BrowserPage, openPage } from "./open-page.ts";
import { signInTab } from "./sign-in-tab.ts";
import { browserPath, startBrowser, type TestBrowser } from "./start-browser.ts";
import { tabTo } from "./tab-to.ts";

// The pages are the same on both engines, so once is enough.
const isHere = inject("databaseEngine") === "pglite" && browserPath !== undefined;

const email = "ada@example.org";
const minuteMs = 60_000;

describe.runIf(isHere)("in a browser (needs chromium on the PATH), a second factor", () => {
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

  it("is set up, asked for and turned off by the keyboard alone, and axe finds nothing", async () => {
    const { clock, caller } = server.api;
    const { access_token, refresh_token } = await caller().auth.register({
      email,
      password,
      full_name: "Ada",
    });
    const tab = await browser.openTab();
    await signInTab(tab, { access_token, refresh_token });
    const page = await openPage(tab, `${server.url}/settings/security`);
    // It is too long ago that the password was given.
    clock.advance(15 * minuteMs);
    await page.untilText("Set up an app");
    await tabTo(page, "Set up an app");
    await page.press("Enter");
    await page.untilText("Your password, please");
    await typeInto(page, "password", password);
    await page.untilText("Secret: ");
    const secret = await page.evaluate<string>(`document.querySelector('a[href^="otpauth:"]').innerText`);
    expect(await page.evaluate<number>(`document.querySelector(".qr-code").naturalWidth`)).toBeGreaterThan(0);
    await expectAxeClean(page);
    await page.type(codeAt(secret, clock()));
    await page.press("Enter");
    await page.untilText("Your recovery codes");
    const codes = await page.evaluate<string[]>(
      `[...document.querySelectorAll(".codes code")].map((each) => each.innerText)`,
    );
    expect(codes).toHaveLength(10);
    await expectAxeClean(page);

    const other = await openPage(await browser.openTab(), `${server.url}/sign-in?next=/settings/security`);
    await other.untilText("Forgot your password?");
    await tabTo(other, "email");
    await other.type(email);
    await typeInto(other, "password", password);
    await other.untilText("give the code that your app shows");
    await expectAxeClean(other);
    await tabTo(other, "remember");
    await other.press("Space");
    await other.evaluate(`document.querySelector('[name="code"]').focus()`);
    await other.type("000000");
    await other.press("Enter");
    await other.untilText("The code is wrong");
    await other.evaluate(`document.querySelector('[name="code"]').select()`);
    await other.type(codes[0] ?? "");
    await other.press("Enter");
    await other.untilText("9 recovery codes are left.");
    await other.untilText("Remembered devices");
    await expectAxeClean(other);
    await tabTo(other, "Forget");
    await other.press("Enter");
    await other.evaluate(`(async () => {
      while (document.body.innerText.includes("Remembered devices")) await new Promise(requestAnimationFrame);
    })()`);

    await tabTo(other, "Turn it off");
    await other.press("Enter");
    await typeInto(other, "code", codes[1] ?? "");
    await other.untilText("Set up an app");
    // A refused code is an answer like any other to the page, and a line of the browser's own.
    const isRefusal = (text: string) => text.includes("status of 401") || text.includes("status of 422");
    expect([...page.complaints, ...other.complaints].filter((text) => !isRefusal(text))).toEqual([
      expect.stringContaining("status of 403"),
    ]);
  });
});
