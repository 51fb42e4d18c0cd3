import { signUpHolder } from "@obsqra/features/testing";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { startTestServer, type TestServer } from "../wire/start-test-server.ts";
import { type BrowserPage, openPage } from "./open-page.ts";
import { browserPath, startBrowser, type TestBrowser } from "./start-browser.ts";

const password = "correct horse battery";

/** The link that a mail to the user would have. */
function unsubscribeLink({ api, url }: TestServer, ownerId: string): string {
  const token = JSON.stringify({ purpose: "unsubscribe from alerts", owner_id: ownerId });
  return `${url}/account/unsubscribe?token=${Buffer.from(api.deps.sealer.seal(token)).toString("base64url")}`;
}

async function tabTo(page: BrowserPage, name: string): Promise<void> {
  for (let tabs = 0; tabs < 12; tabs += 1) {
    await page.press("Tab");
    const focused = "document.activeElement.name || document.activeElement.textContent";
    if ((await page.evaluate<string>(focused)).includes(name)) return;
  }
  throw new Error(`The keyboard does not reach ${name}.`);
}

const isHere = inject("databaseEngine") === "pglite" && browserPath !== undefined;

describe.runIf(isHere)("in a browser (needs chromium on the PATH), the page", () => {
  let browser: TestBrowser;
  let server: TestServer;
  beforeAll(async () => {
    [browser, server] = await Promise.all([startBrowser(), startTestServer()]);
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

  it("shows and saves what is told, for who signs in, and signs out again", async () => {
    const { email, caller } = await signUpHolder(server.api, { risk_alert_threshold: 35 });
    const page = await openPage(await browser.openTab(), `${server.url}/account/preferences`);
    await tabTo(page, "email");
    await page.type(email);
    await tabTo(page, "password");
    await page.type("a wrong password");
    await page.press("Enter");
    await page.untilText("The email or the password is wrong.");
    await page.evaluate("document.querySelector('#password').select()");
    await page.type(password);
    await page.press("Enter");
    await page.untilText("Risk score above which I am told");
    expect(await page.evaluate("document.querySelector('#risk_alert_threshold').value")).toBe("35");
    expect(await page.evaluate("document.activeElement.name")).toBe("email_alerts_enabled");
    await page.press("Space");
    await tabTo(page, "email_digest_enabled");
    await page.press("Space");
    await page.press("Tab");
    await page.evaluate("document.activeElement.select()");
    await page.type("70");
    await page.press("Enter");
    await page.untilText("Your choice is saved, and you are signed out.");
    expect(await page.evaluate("document.activeElement.id")).toBe("result");
    expect((await caller.users.profile()).preferences).toMatchObject({
      email_alerts_enabled: false,
      email_digest_enabled: true,
      risk_alert_threshold: 70,
    });
    expect((await caller.auth.sessions()).items).toHaveLength(1);
    expect(page.complaints.filter((complaint) => !complaint.includes("401"))).toEqual([]);
  });
});
