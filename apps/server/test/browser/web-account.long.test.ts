import { createRpcChainReader, type TypedData } from "@obsqra/starknet";
import { createTestWallet, startFakeNode } from "@obsqra/starknet/testing";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { startTestServer, type TestServer } from "../wire/start-test-server.ts";
import { builtPages } from "./built-pages.ts";
import type { DevTools } from "./dev-tools.ts";
import { type BrowserPage, openPage } from "./open-page.ts";
import { signInTab, signUpForBrowser } from "./sign-in-tab.ts";
import { browserPath, startBrowser, type TestBrowser } from "./start-browser.ts";

const isHere = inject("databaseEngine") === "pglite" && browserPath !== undefined;

async function press(page: BrowserPage, text: string): Promise<void> {
  await page.untilText(text);
  await page.evaluate(`(async () => {
    const find = () => [...document.querySelectorAll("a, button")]
      .findLast((element) => element.innerText.trim() === ${JSON.stringify(text)} && !element.disabled);
    while (find() === undefined) await new Promise(requestAnimationFrame);
    find().click();
  })()`);
}

async function fill(page: BrowserPage, name: string, value: string): Promise<void> {
  const field = `document.querySelector('[name="${name}"]')`;
  await page.evaluate(`(async () => {
    while (${field} === null) await new Promise(requestAnimationFrame);
    ${field}.focus();
    ${field}.select();
  })()`);
  await page.type(value);
}

const typedInto = (page: BrowserPage, name: string) =>
  page.evaluate<string>(`document.querySelector('[name="${name}"]').value`);

/** Responds to calls in the place of the server, until `Fetch.disable`. */
async function respondInstead(tab: DevTools, responseCode: number): Promise<void> {
  await tab.send("Fetch.enable", { patterns: [{ urlPattern: "*/trpc/*" }] });
  tab.on<{ requestId: string }>("Fetch.requestPaused", ({ requestId }) => {
    // One that was still waiting when it was disabled went on to the server.
    void tab.send("Fetch.fulfillRequest", { requestId, responseCode, body: "" }).catch(() => undefined);
  });
}

describe.runIf(isHere)("in a browser (needs chromium on the PATH), the dashboard of somebody", () => {
  let browser: TestBrowser;
  let server: TestServer;
  let node: Awaited<ReturnType<typeof startFakeNode>>;
  const wallet = createTestWallet({ privateKey: "0x1234567890abcdef", kind: "argent" });
  beforeAll(async () => {
    node = await startFakeNode({});
    const chain = createRpcChainReader({ url: node.url, expectedChainId: "SN_SEPOLIA", fetch, retries: 0 });
    browser = await startBrowser();
    server = await startTestServer({ withForecasts: true, web: await builtPages(), chain });
  });
  afterAll(async () => {
    await server[Symbol.asyncDispose]();
    await browser[Symbol.asyncDispose]();
    await node[Symbol.asyncDispose]();
  });

  let users = 0;
  async function openOwn(path: string) {
    users += 1;
    const tokens = await signUpForBrowser(server, `ada${users}@example.org`);
    const tab = await browser.openTab();
    await signInTab(tab, tokens);
    return { tab, tokens, page: await openPage(tab, `${server.url}${path}`) };
  }

  it("checks the security log itself, and has all that is stored exported", async () => {
    const { page } = await openOwn("/settings/security");
    await page.untilText("Account created");
    await press(page, "Check in this browser");
    await page.untilText("Holds: 1 entry");
    await press(page, "My data");
    await press(page, "Download my data");
    await page.untilText("records");
    expect(page.complaints).toEqual([]);
  });

  it("makes a webhook, gives it another secret, sends a test, pauses and deletes it", async () => {
    const { page } = await openOwn("/settings/developers");
    await page.untilText("There are no webhooks.");
    await fill(page, "url", "https://example.org/obsqra");
    await press(page, "Create webhook");
    await page.untilText("whsec_");
    const secret = await page.evaluate<string>("document.querySelector('.new-key code').textContent");
    await press(page, "Send a test");
    await page.untilText("webhook.test");
    await press(page, "New secret");
    await page.untilText("Give it a new secret?");
    await press(page, "New secret");
    await page.untilText("Messages are signed with the secret before, too");
    expect(await page.evaluate("document.querySelector('.new-key code').textContent")).not.toBe(secret);
    await press(page, "Pause");
    await press(page, "Resume");
    await press(page, "Delete");
    await page.untilText("Delete this webhook?");
    await press(page, "Delete");
    await page.untilText("There are no webhooks.");
    expect(page.complaints).toEqual([]);
  });

  it("links a wallet that is not deployed yet, by what it signs and tells of itself, and unlinks it", async () => {
    const { page } = await openOwn("/settings/wallets");
    await page.untilText("This browser has no Starknet wallet.");
    await page.devTools.send("Runtime.addBinding", { name: "signHere" });
    page.devTools.on<{ payload: string }>("Runtime.bindingCalled", ({ payload }) => {
      const signature = wallet.sign(JSON.parse(payload) as TypedData);
      void page.evaluate(`signed(${JSON.stringify(signature)})`);
    });
    // What an extension would put there, later than the page.
    await page.evaluate(`void (window.starknet_test = {
      id: "test",
      name: "Test wallet",
      request: async ({ type, params }) => {
        if (type === "wallet_requestAccounts") return [${JSON.stringify(wallet.address)}];
        if (type === "wallet_deploymentData") return ${JSON.stringify({ ...wallet.deployment, version: 1 })};
        return new Promise((resolve) => {
          window.signed = resolve;
          signHere(JSON.stringify(params));
        });
      },
    })`);
    await press(page, "Link with Test wallet");
    await page.untilText("Not deployed yet: checked against the key");
    await page.untilText("primary");
    await press(page, "Unlink");
    await page.untilText("Unlink this wallet?");
    await press(page, "Unlink");
    await page.untilText("No wallet is linked yet.");
    expect(page.complaints).toEqual([]);
  });

  it("keeps what was typed when the session ends in the middle of a form", async () => {
    const { page, tokens } = await openOwn("/transactions");
    await fill(page, "hash", "0x5a1d");
    await fill(page, "amount", "1250.5");
    await server.api.caller(tokens.access_token).auth.logout();
    await press(page, "Log it");
    await page.untilText("Your session has ended");
    expect(await typedInto(page, "hash")).toBe("0x5a1d");
    await fill(page, "email", `ada${users}@example.org`);
    await fill(page, "password", "correct horse battery");
    await page.press("Enter");
    await page.evaluate(
      `(async () => { while (document.querySelector("[role=dialog]") !== null) await new Promise(requestAnimationFrame); })()`,
    );
    expect([await typedInto(page, "hash"), await typedInto(page, "amount")]).toEqual(["0x5a1d", "1250.5"]);
    await press(page, "Log it");
    await page.untilText("Pending");
  });

  it("hides everything in one tab when somebody signs out in another", async () => {
    const { page } = await openOwn("/settings");
    await page.untilText("not confirmed");
    // What the other tab does, and what this one is told of it.
    await page.evaluate(`(() => {
      localStorage.setItem("obsqra.left", "yes");
      localStorage.removeItem("obsqra.tokens");
      dispatchEvent(new StorageEvent("storage", { key: "obsqra.tokens" }));
    })()`);
    await page.untilText("Sign in to see and change what is yours.");
    expect(await page.evaluate("document.body.innerText")).not.toContain("not confirmed");
  });

  it("says that it is offline, keeps what is shown, and goes on by itself", async () => {
    const { page, tab } = await openOwn("/");
    await page.untilText("13 markets");
    const network = { latency: 0, downloadThroughput: -1, uploadThroughput: -1 };
    await tab.send("Network.emulateNetworkConditions", { offline: true, ...network });
    await page.untilText("No connection.");
    await page.untilText("13 markets");
    await tab.send("Network.emulateNetworkConditions", { offline: false, ...network });
    await page.evaluate(
      `(async () => { while (document.body.innerText.includes("No connection.")) await new Promise(requestAnimationFrame); })()`,
    );
    await page.untilText("13 markets");
  });

  it("shows where figures will be while they are slow to come", async () => {
    const tab = await browser.openTab();
    await tab.send("Page.enable");
    const held: string[] = [];
    await tab.send("Fetch.enable", { patterns: [{ urlPattern: "*/trpc/*" }] });
    tab.on<{ requestId: string }>("Fetch.requestPaused", ({ requestId }) => held.push(requestId));
    const page = await openPage(tab, `${server.url}/`);
    await page.untilText("Value locked");
    expect(await page.evaluate("document.querySelector('.skeleton[role=status]').ariaLabel")).toBe("Loading");
    for (const requestId of held) await tab.send("Fetch.continueRequest", { requestId });
    await tab.send("Fetch.disable");
    await page.untilText("13 markets");
    expect(page.complaints).toEqual([]);
  });

  it("says what to do where the server is busy, and shows the page once it is not", async () => {
    const tab = await browser.openTab();
    await tab.send("Page.enable");
    await respondInstead(tab, 503);
    const page = await openPage(tab, `${server.url}/`);
    await page.untilText("This could not be read.");
    await tab.send("Fetch.disable");
    await press(page, "Try again");
    await page.untilText("13 markets");
  });

  it("answers while a slider is moved, and in the end what it stands at", async () => {
    const { page } = await openOwn("/allocation/what-if");
    await page.untilText("What decided it");
    const drag = `(async () => {
      const slider = document.querySelector("input[type=range]");
      const set = Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, "value").set;
      for (let value = 60; value >= 20; value -= 1) {
        set.call(slider, value);
        slider.dispatchEvent(new Event("input", { bubbles: true }));
        await new Promise(requestAnimationFrame);
      }
    })()`;
    await page.evaluate(drag);
    await page.evaluate(
      `(async () => { while (document.querySelector("[aria-busy=true]") !== null) await new Promise(requestAnimationFrame); })()`,
    );
    expect(await page.evaluate("document.querySelector('output').textContent")).toBe("20.0");
    // The address follows once nothing moves, and shows the same to whoever opens it.
    await page.evaluate(
      `(async () => { while (!location.search.includes("risk=20")) await new Promise(requestAnimationFrame); })()`,
    );
    const asked = page.requests.filter((request) => request.includes("predictions.what_if"));
    // 41 steps of a drag are not 41 questions.
    expect(asked.length).toBeLessThan(20);
    expect(page.complaints).toEqual([]);
  });
});
