import { deliverEmails, type OutgoingEmail } from "@obsqra/features";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { sendJson, startTestServer, type TestServer } from "../wire/start-test-server.ts";
import { builtPages } from "./built-pages.ts";
import { openPage } from "./open-page.ts";
import { browserPath, startBrowser, type TestBrowser } from "./start-browser.ts";
import { tabTo } from "./tab-to.ts";

const email = "ada@example.org";
const newPassword = "lanterns drift over quiet harbours";

/** Delivers all mail that waits, and gives the link of the newest to an address. */
async function newestLink(server: TestServer, to = email): Promise<string> {
  const [link = "no link"] = await newestLinks(server, [to]);
  return link;
}

async function newestLinks(server: TestServer, addresses: readonly string[]): Promise<string[]> {
  const delivered: OutgoingEmail[] = [];
  const mailer = { send: async (mail: OutgoingEmail) => void delivered.push(mail) };
  await deliverEmails({ ...server.api.deps, mailer, appUrl: server.url }, new AbortController().signal);
  const inOrder = delivered.toSorted((left, right) => (left.id < right.id ? -1 : 1));
  return addresses.map((to) => {
    const mail = inOrder.findLast((each) => each.to === to);
    return /^http:\S+$/m.exec(mail?.text ?? "")?.[0] ?? "no link";
  });
}

async function requestReset(server: TestServer): Promise<string> {
  await server.signUp(email);
  await newestLink(server);
  await sendJson(server.url, { path: "/api/v1/auth/request-password-reset", json: { email } });
  return newestLink(server);
}

async function logIn(server: TestServer, password: string): Promise<number> {
  return (await sendJson(server.url, { path: "/api/v1/auth/login", json: { email, password } })).status;
}

// The pages are the same on both engines, so once is enough.
const isHere = inject("databaseEngine") === "pglite" && browserPath !== undefined;

/** In the long form, what costs a server and a tab and is much like the others. */
const onceMore = it.runIf(inject("isLong"));

describe.runIf(isHere)("in a browser (needs chromium on the PATH), the page", () => {
  let browser: TestBrowser;
  /** For what leaves no account behind that another would meet. */
  let shared: TestServer;
  beforeAll(async () => {
    browser = await startBrowser();
    shared = await startTestServer({ web: await builtPages() });
  });
  afterAll(async () => {
    await browser[Symbol.asyncDispose]();
    await shared[Symbol.asyncDispose]();
  });

  it("sets a new password with an emailed link, by the keyboard alone", async () => {
    await using server = await startTestServer({ web: await builtPages() });
    const page = await openPage(await browser.openTab(), await requestReset(server));
    await page.untilText("Setting a new password ends all your sessions.");
    expect(await page.evaluate("location.href")).toBe(`${server.url}/account/reset-password`);
    expect(await page.evaluate("history.length")).toBeLessThanOrEqual(2);

    await tabTo(page, "new-password");
    await page.type(newPassword);
    await page.press("Enter");
    await page.untilText("Your new password is set");
    expect(await page.evaluate("document.activeElement.id")).toBe("result");
    expect(await page.evaluate("document.querySelector('form')")).toBeNull();
    expect([await logIn(server, newPassword), await logIn(server, "correct horse battery")]).toEqual([
      200, 401,
    ]);
    expect(page.complaints).toEqual([]);
    await tabTo(page, "Sign in");
    await page.press("Enter");
    await page.untilText("Forgot your password?");
  });

  onceMore("uses nothing up before the button is pressed", async () => {
    await using server = await startTestServer({ web: await builtPages() });
    const link = await requestReset(server);
    const scanned = await openPage(await browser.openTab(), link);
    await scanned.untilText("Set a new password");
    expect(scanned.requests.filter((request) => !request.startsWith("GET "))).toEqual([]);
    expect(scanned.requests.join(" ")).not.toContain("token");

    const page = await openPage(await browser.openTab(), link);
    await page.untilText("Set password");
    await tabTo(page, "new-password");
    await page.type(newPassword);
    await page.press("Enter");
    await page.untilText("Your new password is set");
  });

  onceMore("confirms an address", async () => {
    await using server = await startTestServer({ web: await builtPages() });
    const headers = await server.signUp(email);
    const page = await openPage(await browser.openTab(), await newestLink(server));
    await page.untilText("Confirm that this address is yours.");
    await tabTo(page, "Confirm address");
    await page.press("Space");
    await page.untilText("Your address is confirmed.");
    const me = await fetch(`${server.url}/api/v1/auth/me`, { headers });
    expect(await me.json()).toMatchObject({ is_verified: true });
    expect(page.complaints).toEqual([]);
  });

  onceMore("changes an address once both have confirmed, and says which is waited for", async () => {
    const to = "countess@example.org";
    const headers = await shared.signUp("change@example.org");
    const token = (await newestLink(shared, "change@example.org")).split("token=")[1];
    await sendJson(shared.url, { path: "/api/v1/auth/verify-email", json: { token } });
    const request = { path: "/api/v1/auth/request-email-change", json: { new_email: to }, headers };
    expect((await sendJson(shared.url, request)).status).toBeLessThan(300);
    const links = await newestLinks(shared, ["change@example.org", to]);
    for (const [index, link] of links.entries()) {
      const page = await openPage(await browser.openTab(), link);
      await page.untilText("Confirm that the account is to move to its new address.");
      await tabTo(page, "Confirm the change");
      await page.press("Enter");
      await page.untilText(
        index === 0 ? "the link sent to the other address" : "The address of the account is changed.",
      );
    }
  });

  it("says what the service says about a link that is used up, and about a password that is refused", async () => {
    const used = await openPage(await browser.openTab(), `${shared.url}/account/verify-email#token=unknown`);
    await used.untilText("Confirm that this address is yours.");
    await tabTo(used, "Confirm address");
    await used.press("Enter");
    await used.untilText("The link is unknown, used, expired or replaced by a newer one. Ask for a new one.");

    const refused = await openPage(await browser.openTab(), await requestReset(shared));
    await refused.untilText("Set password");
    await tabTo(refused, "new-password");
    await refused.type("password1234");
    await refused.press("Enter");
    await refused.untilText("This password is among the most common ones.");
    expect(await refused.evaluate("document.activeElement.name")).toBe("new-password");
    // The link still works.
    await refused.evaluate("document.activeElement.select()");
    await refused.type(newPassword);
    await refused.press("Enter");
    await refused.untilText("Your new password is set");
  });

  it("says that the service cannot be reached, and lets the person try again", async () => {
    const tab = await browser.openTab();
    const page = await openPage(tab, `${shared.url}/account/verify-email#token=unknown`);
    await page.untilText("Confirm that this address is yours.");
    await tab.send("Fetch.enable", { patterns: [{ urlPattern: "*/trpc/*" }] });
    tab.on<{ requestId: string }>("Fetch.requestPaused", ({ requestId }) => {
      // One that was still waiting when it was disabled went on to the server.
      const refused = { requestId, errorReason: "ConnectionRefused" };
      void tab.send("Fetch.failRequest", refused).catch(() => undefined);
    });
    await tabTo(page, "Confirm address");
    await page.press("Enter");
    await page.untilText("The server cannot be reached.");
    await tab.send("Fetch.disable");
    await page.press("Enter");
    await page.untilText("The link is unknown");
  });

  onceMore("explains a link without a token, and asks for nothing", async () => {
    for (const name of ["verify-email", "reset-password", "confirm-email-change"]) {
      const page = await openPage(await browser.openTab(), `${shared.url}/account/${name}`);
      await page.untilText("This link is not complete.");
      expect(await page.evaluate("document.querySelectorAll('main :is(button, input)').length")).toBe(0);
    }
  });

  onceMore("takes another link that is opened in the same tab", async () => {
    const page = await openPage(await browser.openTab(), `${shared.url}/account/verify-email`);
    await page.untilText("This link is not complete.");
    await page.evaluate("void (location.hash = '#token=another')");
    await page.untilText("Confirm that this address is yours.");
    expect(await page.evaluate("location.hash")).toBe("");
  });

  onceMore("has names, roles and descriptions for assistive technology", async () => {
    const page = await openPage(await browser.openTab(), `${shared.url}/account/reset-password#token=x`);
    await page.untilText("Set password");
    const nodes = await page.accessibleNodes();
    for (const expected of [
      { role: "RootWebArea", name: "Set a new password – Obsqra" },
      { role: "main" },
      { role: "heading", name: "Set a new password" },
      {
        role: "textbox",
        name: "New password",
        description: expect.stringContaining("At least 8 characters"),
      },
      { role: "button", name: "Show password" },
      { role: "button", name: "Set password" },
    ]) {
      expect(nodes).toContainEqual(expect.objectContaining(expected));
    }
    expect(await page.evaluate("document.documentElement.lang")).toBe("en");
  });

  it("shows the password when asked to, and takes a pasted one", async () => {
    const page = await openPage(await browser.openTab(), `${shared.url}/account/reset-password#token=x`);
    await page.untilText("Set password");
    const field = "document.querySelector('[name=new-password]')";
    expect(await page.evaluate(`[${field}.type, ${field}.autocomplete]`)).toEqual([
      "password",
      "new-password",
    ]);
    const paste = `${field}.dispatchEvent(new ClipboardEvent("paste", { bubbles: true, cancelable: true }))`;
    expect(await page.evaluate(paste)).toBe(true);
    await tabTo(page, "Show password");
    await page.press("Space");
    expect(await page.evaluate(`${field}.type`)).toBe("text");
    await page.press("Space");
    expect(await page.evaluate(`${field}.type`)).toBe("password");
  });
});
