import { addPasskeyRow, logIn, turnOnTotp } from "@obsqra/features/testing";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { startTestServer, type TestServer } from "../wire/start-test-server.ts";
import { builtPages } from "./built-pages.ts";
import type { DevTools } from "./dev-tools.ts";
import { expectAxeClean } from "./expect-axe-clean.ts";
import { type BrowserPage, openPage } from "./open-page.ts";
import { signInTab, signUpForBrowser } from "./sign-in-tab.ts";
import { browserPath, startBrowser, type TestBrowser } from "./start-browser.ts";
import { tabTo } from "./tab-to.ts";

// The pages are the same on both engines, so once is enough.
const isHere = inject("databaseEngine") === "pglite" && browserPath !== undefined;

const password = "correct horse battery";
const minuteMs = 60_000;

/** Gives a tab a device with a fingerprint reader, on which its owner's finger lies. */
async function plugIn(tab: DevTools): Promise<void> {
  await tab.send("WebAuthn.enable");
  await tab.send("WebAuthn.addVirtualAuthenticator", {
    options: {
      protocol: "ctap2",
      transport: "internal",
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      automaticPresenceSimulation: true,
    },
  });
}

/** Goes to what has this name or says this by the keyboard, and presses it. */
async function press(page: BrowserPage, name: string): Promise<void> {
  await page.untilText(name);
  await tabTo(page, name);
  await page.press("Enter");
}

async function typeInto(page: BrowserPage, name: string, text: string): Promise<void> {
  await tabTo(page, name);
  await page.type(text);
  await page.press("Enter");
}

describe.runIf(isHere)("in a browser (needs chromium on the PATH), passkeys", () => {
  let browser: TestBrowser;
  let server: TestServer;
  let url: string;
  beforeAll(async () => {
    browser = await startBrowser();
    // Where they belong to is known once the server listens; of an address of numbers browsers have none.
    const origins: string[] = [];
    const deps = { relyingParty: { id: "localhost", origins } };
    server = await startTestServer({ web: await builtPages(), deps });
    url = server.url.replace("127.0.0.1", "localhost");
    origins.push(url);
  });
  afterAll(async () => {
    await browser[Symbol.asyncDispose]();
    await server[Symbol.asyncDispose]();
  });

  /** The page about security of somebody new, who has added a passkey by the keyboard. */
  async function openWithPasskey(email: string): Promise<BrowserPage> {
    const tab = await browser.openTab();
    await plugIn(tab);
    await signInTab(tab, await signUpForBrowser(server, email));
    const page = await openPage(tab, `${url}/settings/security`);
    await page.untilText("There are no passkeys.");
    await typeInto(page, "passkey-name", "Laptop");
    await page.untilText("Laptop signs you in from now on.");
    return page;
  }

  it("sign in among suggestions and by a button, without a password and by the keyboard alone", async () => {
    const page = await openWithPasskey("ada@example.org");
    await expectAxeClean(page);
    await press(page, "Sign out");
    await press(page, "Sign in");
    // This device chooses a suggestion by itself.
    await page.untilText("My allocation");
    await page.untilText("Sign out");

    await page.evaluate("void (PublicKeyCredential.isConditionalMediationAvailable = async () => false)");
    await press(page, "Sign out");
    await press(page, "Sign in");
    await page.untilText("Sign in with a passkey");
    await expectAxeClean(page);
    await press(page, "Sign in with a passkey");
    await page.untilText("Sign out");

    await server.api.deps.db.deleteFrom("passkeys").execute();
    await press(page, "Sign out");
    await press(page, "Sign in");
    await press(page, "Sign in with a passkey");
    await page.untilText("No account has this passkey.");
    expect(page.complaints).toEqual([expect.stringContaining("status of 400")]);
  });

  it("confirm in the place of a password that nobody has, are renamed, and stay where they are the last way in", async () => {
    const email = "eve@example.org";
    const page = await openWithPasskey(email);
    const { api } = server;
    const { caller } = await logIn(api, { email });
    const { id } = await caller.auth.me();
    await api.deps.db.deleteFrom("user_passwords").where("user_id", "=", id).execute();
    await press(page, "Rename");
    await page.evaluate("document.activeElement.select()");
    await page.type("Desk");
    await page.press("Enter");
    await page.untilText("Desk");

    const remove = async () => {
      await press(page, "Remove");
      await page.untilText("Remove this passkey?");
      await press(page, "Remove");
    };
    // The last sign-in is too long ago.
    api.clock.advance(15 * minuteMs);
    await remove();
    await page.untilText("Use a passkey instead");
    await expectAxeClean(page);
    await press(page, "Use a passkey instead");
    await page.untilText("Nothing else signs you in.");

    await addPasskeyRow(api, id);
    await remove();
    await page.untilText("Passkey removed");
    // A session that is not recent, a passkey that stays.
    expect(page.complaints).toEqual([
      expect.stringContaining("status of 403"),
      expect.stringContaining("status of 409"),
    ]);
  });

  it("stand in for the code of a second factor", async () => {
    const email = "mary@example.org";
    const page = await openWithPasskey(email);
    await page.evaluate("void (PublicKeyCredential.isConditionalMediationAvailable = async () => false)");
    await press(page, "Sign out");
    await page.untilText("Create account");
    await turnOnTotp(server.api, (await logIn(server.api, { email })).caller);
    await press(page, "Sign in");
    await page.untilText("Forgot your password?");
    await tabTo(page, "email");
    await page.type(email);
    await typeInto(page, "password", password);
    await page.untilText("give the code that your app shows");
    await expectAxeClean(page);
    await press(page, "Use a passkey instead");
    await page.untilText("Sign out");
    expect(page.complaints).toEqual([expect.stringContaining("status of 401")]);
  });
});
