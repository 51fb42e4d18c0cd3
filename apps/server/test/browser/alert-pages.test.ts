import { signUpHolder } from "@obsqra/features/testing";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { startTestServer, type TestServer } from "../wire/start-test-server.ts";
import { builtPages } from "./built-pages.ts";
import { openPage } from "./open-page.ts";
import { browserPath, startBrowser, type TestBrowser } from "./start-browser.ts";
import { tabTo } from "./tab-to.ts";

const password = "correct horse battery";

/** The link that a mail to the user would have. */
function unsubscribeLink({ api, url }: TestServer, ownerId: string): string {
  const token = JSON.stringify({ purpose: "unsubscribe from alerts", owner_id: ownerId });
  return `${url}/account/unsubscribe?token=${Buffer.from(api.deps.sealer.seal(token)).toString("base64url")}`;
}

const isHere = inject("databaseEngine") === "pglite" && browserPath !== undefined;

describe.runIf(isHere)("in a browser (needs chromium on the PATH), the page", () => {
  let browser: TestBrowser;
  let server: TestServer;
  beforeAll(async () => {
    [browser, server] = await Promise.all([startBrowser(), startTestServer({ web: await builtPages() })]);
  });
  afterAll(async () => {
    await browser[Symbol.asyncDispose]();
    await server[Symbol.asyncDispose]();
  });

  it("ends alerts by its button, reached by the keyboard, and nothing before", async () => {
    const { id, caller } = await signUpHolder(server.api);
    const page = await openPage(await browser.openTab(), unsubscribeLink(server, id));
    await page.untilText("Alerts by email about your holdings end.");
    expect((await caller.users.profile()).preferences.email_alerts_enabled).toBe(true);
    const nodes = await page.accessibleNodes();
    for (const expected of [
      { role: "RootWebArea", name: "Switch these mails off – Obsqra" },
      { role: "heading", name: "Switch these mails off" },
      { role: "button", name: "Switch them off" },
      { role: "link", name: "Choose what you are told" },
    ]) {
      expect(nodes).toContainEqual(expect.objectContaining(expected));
    }
    await tabTo(page, "Switch them off");
    await page.press("Enter");
    await page.untilText("You get no more alerts by email.");
    expect((await caller.users.profile()).preferences.email_alerts_enabled).toBe(false);
    expect(page.complaints).toEqual([]);
  });

  it.runIf(inject("isLong"))(
    "leads whoever is not signed in to what is told by way of signing in, and saves it",
    async () => {
      const { email, caller } = await signUpHolder(server.api, { risk_alert_threshold: 35 });
      const page = await openPage(await browser.openTab(), `${server.url}/account/preferences`);
      await page.untilText("Choose what you are told");
      // The one at the top, then the one of the page, which leads back here.
      await tabTo(page, "Sign in");
      await tabTo(page, "Sign in");
      await page.press("Enter");
      await page.untilText("Forgot your password?");
      await tabTo(page, "email");
      await page.type(email);
      await tabTo(page, "password");
      await page.type("a wrong password");
      await page.press("Enter");
      await page.untilText("The email or the password is wrong.");
      await page.evaluate("document.querySelector('[name=password]').select()");
      await page.type(password);
      await page.press("Enter");
      await page.untilText("Risk score above which I am told");
      expect(await page.evaluate("location.pathname")).toBe("/account/preferences");
      expect(await page.evaluate("document.querySelector('[name=risk]').value")).toBe("35");
      await tabTo(page, "email");
      await page.press("Space");
      await tabTo(page, "digest");
      await page.press("Space");
      await tabTo(page, "risk");
      await page.evaluate("document.activeElement.select()");
      await page.type("70");
      await page.press("Enter");
      await page.untilText("Saved.");
      expect((await caller.users.profile()).preferences).toMatchObject({
        email_alerts_enabled: false,
        email_digest_enabled: true,
        risk_alert_threshold: 70,
      });
      expect(page.complaints.filter((complaint) => !complaint.includes("401"))).toEqual([]);
    },
  );
});
