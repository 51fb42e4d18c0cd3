import { readFile } from "node:fs/promises";
import { createServer, request } from "node:http";
import type { AddressInfo } from "node:net";
import { fileURLToPath } from "node:url";
import { createIdentityProviders } from "@obsqra/features";
import { type RunningProvider, startOidcProvider } from "@obsqra/features/testing/oidc";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { password, startTestServer, type TestServer } from "../wire/start-test-server.ts";
import { builtPages } from "./built-pages.ts";
import { type BrowserPage, openPage } from "./open-page.ts";
import { browserPath, startBrowser, type TestBrowser } from "./start-browser.ts";
import { tabTo } from "./tab-to.ts";

// The pages are the same on both engines, so once is enough.
const isHere = inject("databaseEngine") === "pglite" && browserPath !== undefined;

const email = "ada@example.org";

/** The public address of a server, which is known before the server has its own. */
async function startProxy(target: () => string) {
  const listener = createServer((incoming, outgoing) => {
    const { method, headers } = incoming;
    const passedOn = request(`${target()}${incoming.url}`, { method, headers }, (response) => {
      outgoing.writeHead(response.statusCode ?? 502, response.headers);
      response.pipe(outgoing);
    });
    passedOn.on("error", () => outgoing.destroy());
    incoming.pipe(passedOn);
  });
  listener.listen(0, "127.0.0.1");
  await new Promise((resolve) => listener.once("listening", resolve));
  return {
    url: `http://127.0.0.1:${(listener.address() as AddressInfo).port}`,
    [Symbol.asyncDispose]: async () => {
      listener.closeAllConnections();
      await new Promise((resolve) => listener.close(resolve));
    },
  };
}

describe.runIf(isHere)("in a browser (needs chromium on the PATH), an identity at a provider", () => {
  let browser: TestBrowser;
  let server: TestServer;
  let provider: RunningProvider;
  let proxy: Awaited<ReturnType<typeof startProxy>>;
  let axe: string;
  beforeAll(async () => {
    browser = await startBrowser();
    const identityProviders: ReturnType<typeof createIdentityProviders> = [];
    proxy = await startProxy(() => server.url);
    const publicUrl = proxy.url;
    server = await startTestServer({
      ...{ web: await builtPages(), identityProviders },
      env: { APP_URL: publicUrl },
    });
    provider = await startOidcProvider({
      accounts: {
        ada: { email, email_verified: true, name: "Ada Lovelace" },
        eve: { email: "eve@example.org", email_verified: true, name: "Eve" },
      },
      redirectUri: `${publicUrl}/identity/company/callback`,
    });
    const tools = { fetch, clock: () => new Date(), publicUrl, log: { warn: () => {} } };
    identityProviders.push(...createIdentityProviders([provider.settings], tools));
    axe = await readFile(fileURLToPath(import.meta.resolve("axe-core/axe.min.js")), "utf8");
  });
  afterAll(async () => {
    await browser[Symbol.asyncDispose]();
    await server[Symbol.asyncDispose]();
    await provider[Symbol.asyncDispose]();
    await proxy[Symbol.asyncDispose]();
  });

  async function expectAxeClean(page: BrowserPage): Promise<void> {
    await page.evaluate(`${axe};0`);
    const found = await page.evaluate<unknown[]>(
      "axe.run().then(({ violations }) => violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)]))",
    );
    expect(found).toEqual([]);
  }

  /** Presses what the keyboard gets to by its name. */
  async function press(page: BrowserPage, name: string): Promise<void> {
    await page.untilText(name);
    await tabTo(page, name);
    await page.press("Enter");
  }

  it("makes an account by the keyboard alone, and axe finds nothing", async () => {
    provider.signIn("eve");
    const page = await openPage(await browser.openTab(), `${proxy.url}/sign-in?next=/settings/security`);
    await page.untilText("Sign in with Company");
    await expectAxeClean(page);
    await press(page, "Sign in with Company");
    await page.untilText("Identities");
    await page.untilText("eve@example.org");
    expect(await page.evaluate("location.pathname + location.search + location.hash")).toBe(
      "/settings/security",
    );
    await expectAxeClean(page);
    // It is the only way to sign in.
    await press(page, "Unlink");
    await page.untilText("Unlink this identity?");
    await page.press("Enter");
    await page.untilText("Nothing else signs you in.");
  });

  it("is linked by its owner who has signed in, signs in then, and is unlinked", async () => {
    await server.api.caller().auth.register({ email, password, full_name: "Ada" });
    provider.signIn("ada");
    const page = await openPage(await browser.openTab(), `${proxy.url}/sign-in`);
    await press(page, "Sign in with Company");
    await page.untilText("Your account is not linked yet");
    await expectAxeClean(page);
    // There is another one above, which leads to the same page and not on to the settings.
    await page.evaluate(`document.querySelector("[role=alert] a").focus()`);
    await page.press("Enter");
    await page.untilText("Forgot your password?");
    await tabTo(page, "email");
    await page.type(email);
    await tabTo(page, "password");
    await page.type(password);
    await page.press("Enter");
    await page.untilText("None is linked.");
    await press(page, "Link Company");
    await page.untilText("Unlink");
    await expectAxeClean(page);

    const other = await openPage(await browser.openTab(), `${proxy.url}/sign-in?next=/settings/security`);
    await press(other, "Sign in with Company");
    await other.untilText("Identities");
    await press(other, "Unlink");
    await other.untilText("Unlink this identity?");
    await other.press("Enter");
    await other.untilText("None is linked.");
  });

  it("signs nobody in whose tab has not begun", async () => {
    const page = await openPage(await browser.openTab(), `${proxy.url}/account/identity#code=x&state=y`);
    await page.untilText("This sign-in was not begun in this tab");
    expect(await page.evaluate("location.hash")).toBe("");
    await expectAxeClean(page);
  });
});
