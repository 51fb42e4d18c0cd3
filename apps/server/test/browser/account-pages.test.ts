import { deliverEmails, type OutgoingEmail } from "@obsqra/features";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { sendJson, startTestServer, type TestServer } from "../wire/start-test-server.ts";
import type { DevTools } from "./dev-tools.ts";
import { openPage } from "./open-page.ts";
import { browserPath, startBrowser, type TestBrowser } from "./start-browser.ts";

const email = "ada@example.org";
const newPassword = "lanterns drift over quiet harbours";

/** Delivers all mail that waits, and gives the link of the newest to an address. */
async function newestLink(server: TestServer, to = email): Promise<string> {
  const delivered: OutgoingEmail[] = [];
  const mailer = { send: async (mail: OutgoingEmail) => void delivered.push(mail) };
  await deliverEmails({ ...server.api.deps, mailer, appUrl: server.url }, new AbortController().signal);
  const mail = delivered
    .toSorted((left, right) => (left.id < right.id ? -1 : 1))
    .findLast((each) => each.to === to);
  return /^http:\S+$/m.exec(mail?.text ?? "")?.[0] ?? "no link";
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

/** Responds to the calls of the pages in the place of the server. */
async function respondInstead(
  tab: DevTools,
  response: { status: number; json: object } | "nothing",
): Promise<void> {
  await tab.send("Fetch.enable", { patterns: [{ urlPattern: "*/api/v1/*" }] });
  tab.on<{ requestId: string }>("Fetch.requestPaused", ({ requestId }) => {
    if (response === "nothing") {
      void tab.send("Fetch.failRequest", { requestId, errorReason: "ConnectionRefused" });
      return;
    }
    const body = Buffer.from(JSON.stringify(response.json)).toString("base64");
    void tab.send("Fetch.fulfillRequest", { requestId, responseCode: response.status, body });
  });
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
    shared = await startTestServer();
  });
  afterAll(async () => {
    await browser[Symbol.asyncDispose]();
    await shared[Symbol.asyncDispose]();
  });

  it("sets a new password with an emailed link, by the keyboard alone", async () => {
    await using server = await startTestServer();
    const page = await openPage(await browser.openTab(), await requestReset(server));
    expect(await page.evaluate("location.href")).toBe(`${server.url}/account/reset-password`);
    expect(await page.evaluate("history.length")).toBeLessThanOrEqual(2);

    await page.press("Tab");
    await page.type(newPassword);
    await page.press("Enter");
    await page.untilText("Your new password is set");
    expect(await page.evaluate("document.activeElement.id")).toBe("result");
    expect(await page.evaluate("document.querySelector('form').hidden")).toBe(true);
    expect([await logIn(server, newPassword), await logIn(server, "correct horse battery")]).toEqual([
      200, 401,
    ]);
    expect(page.complaints).toEqual([]);
  });

  onceMore("uses nothing up before the button is pressed", async () => {
    await using server = await startTestServer();
    const link = await requestReset(server);
    const scanned = await openPage(await browser.openTab(), link);
    await scanned.untilText("Set a new password");
    expect(scanned.requests.filter((request) => !request.startsWith("GET "))).toEqual([]);
    expect(scanned.requests.join(" ")).not.toContain("token");

    const page = await openPage(await browser.openTab(), link);
    await page.press("Tab");
    await page.type(newPassword);
    await page.press("Enter");
    await page.untilText("Your new password is set");
  });

  onceMore("confirms an address", async () => {
    await using server = await startTestServer();
    const headers = await server.signUp(email);
    const page = await openPage(await browser.openTab(), await newestLink(server));
    await page.press("Tab");
    await page.press("Space");
    await page.untilText("Your address is confirmed.");
    const me = await fetch(`${server.url}/api/v1/auth/me`, { headers });
    expect(await me.json()).toMatchObject({ is_verified: true });
    expect(page.complaints).toEqual([]);
  });

  it.each([
    ["waiting", "the link sent to the other address"],
    ["changed", "The address of the account is changed."],
  ])("says that a change of address is %s", async (status, text) => {
    const tab = await browser.openTab();
    await respondInstead(tab, { status: 200, json: { status } });
    const page = await openPage(tab, `${shared.url}/account/confirm-email-change#token=x`);
    await page.press("Tab");
    await page.press("Enter");
    await page.untilText(text);
  });

  it("says what the service says about a link that is used up, and about a password that is refused", async () => {
    const used = await openPage(await browser.openTab(), `${shared.url}/account/verify-email#token=unknown`);
    await used.press("Tab");
    await used.press("Enter");
    await used.untilText("The link is unknown, used, expired or replaced by a newer one. Ask for a new one.");

    const refused = await openPage(await browser.openTab(), await requestReset(shared));
    await refused.press("Tab");
    await refused.type("password1234");
    await refused.press("Enter");
    await refused.untilText("This password is among the most common ones.");
    expect(await refused.evaluate("document.activeElement.id")).toBe("new-password");
    // The link still works.
    await refused.evaluate("document.activeElement.select()");
    await refused.type(newPassword);
    await refused.press("Enter");
    await refused.untilText("Your new password is set");
  });

  it("says that the service cannot be reached, and lets the person try again", async () => {
    const tab = await browser.openTab();
    await respondInstead(tab, "nothing");
    const page = await openPage(tab, `${shared.url}/account/verify-email#token=unknown`);
    await page.press("Tab");
    await page.press("Enter");
    await page.untilText("The service cannot be reached.");
    await tab.send("Fetch.disable");
    await page.press("Enter");
    await page.untilText("The link is unknown");
  });

  it("explains a link without a token, and asks for nothing", async () => {
    for (const name of ["verify-email", "reset-password", "confirm-email-change"]) {
      const page = await openPage(await browser.openTab(), `${shared.url}/account/${name}`);
      await page.untilText("This link is not complete.");
      const roles = (await page.accessibleNodes()).map(({ role }) => role);
      expect(roles).not.toContain("button");
      expect(roles).not.toContain("textbox");
    }
  });

  onceMore("takes another link that is opened in the same tab", async () => {
    const page = await openPage(await browser.openTab(), `${shared.url}/account/verify-email`);
    await page.untilText("This link is not complete.");
    await page.evaluate("void (location.hash = '#token=another')");
    await page.untilText("Confirm that this address is yours.");
    expect(await page.evaluate("location.hash")).toBe("");
  });

  it("has names, roles and descriptions for assistive technology", async () => {
    const page = await openPage(await browser.openTab(), `${shared.url}/account/reset-password#token=x`);
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
      { role: "status" },
    ]) {
      expect(nodes).toContainEqual(expect.objectContaining(expected));
    }
    expect(await page.evaluate("document.documentElement.lang")).toBe("en");
  });

  it("shows the password when asked to, and takes a pasted one", async () => {
    const page = await openPage(await browser.openTab(), `${shared.url}/account/reset-password#token=x`);
    const field = "document.querySelector('#new-password')";
    expect(await page.evaluate(`[${field}.type, ${field}.autocomplete]`)).toEqual([
      "password",
      "new-password",
    ]);
    const paste = `${field}.dispatchEvent(new ClipboardEvent("paste", { bubbles: true, cancelable: true }))`;
    expect(await page.evaluate(paste)).toBe(true);
    await page.press("Tab");
    await page.press("Tab");
    await page.press("Space");
    expect(await page.evaluate(`${field}.type`)).toBe("text");
    await page.evaluate("document.querySelector('#show-password').click()");
    expect(await page.evaluate(`${field}.type`)).toBe("password");
  });

  it.each(inject("isLong") ? ["light", "dark"] : ["dark"])(
    "fits 320 pixels and can be read in %s colours",
    async (scheme) => {
      const tab = await browser.openTab();
      await tab.send("Emulation.setDeviceMetricsOverride", {
        width: 320,
        height: 480,
        deviceScaleFactor: 1,
        mobile: true,
      });
      await tab.send("Emulation.setEmulatedMedia", {
        features: [{ name: "prefers-color-scheme", value: scheme }],
      });
      for (const name of ["verify-email", "reset-password", "confirm-email-change"]) {
        const page = await openPage(tab, `${shared.url}/account/${name}#token=x`);
        await page.evaluate("document.querySelector('#result').textContent = 'said'");
        expect(await page.evaluate("document.documentElement.scrollWidth")).toBeLessThanOrEqual(320);
        for (const outcome of ["", "failed", "done"]) {
          await page.evaluate(`void (document.querySelector('#result').dataset.outcome = "${outcome}")`);
          expect(Math.min(...(await page.evaluate<number[]>(contrasts)))).toBeGreaterThanOrEqual(4.5);
        }
      }
    },
  );
});

/** In the page: the contrast (WCAG 2.2) of each text with what is behind it. */
const contrasts = `(() => {
  const parts = (colour) => colour.match(/[\\d.]+/g).map(Number);
  const luminance = (colour) => {
    const [red, green, blue] = parts(colour).map((part) => {
      const share = part / 255;
      return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  };
  const behind = (element) => {
    const colour = getComputedStyle(element).backgroundColor;
    return parts(colour)[3] === 0 ? behind(element.parentElement) : colour;
  };
  return [...document.querySelectorAll("h1, p, label, input, button")].map((element) => {
    const [one, other] = [luminance(getComputedStyle(element).color), luminance(behind(element))];
    return (Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05);
  });
})()`;
