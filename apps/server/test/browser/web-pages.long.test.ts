import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { writeWholeLog } from "@obsqra/features/testing";
import { afterAll, beforeAll, describe, expect, inject, it, vi } from "vitest";
import { password, startTestServer, type TestServer } from "../wire/start-test-server.ts";
import { builtPages } from "./built-pages.ts";
import { openPage } from "./open-page.ts";
import { browserPath, startBrowser, type TestBrowser } from "./start-browser.ts";

const isHere = inject("databaseEngine") === "pglite" && browserPath !== undefined;
const email = "ada@example.org";
const firstViewBytesMax = 200 * 1024;

interface Violation {
  readonly id: string;
  readonly nodes: readonly { readonly html: string; readonly failureSummary: string }[];
}

const isDrawn = `document.querySelector("h1") !== null && document.querySelector(".skeleton") === null`;

describe.runIf(isHere)("in a browser (needs chromium on the PATH), the dashboard", () => {
  let browser: TestBrowser;
  let server: TestServer;
  let axe: string;
  let tokens: object;
  beforeAll(async () => {
    browser = await startBrowser();
    server = await startTestServer({ withForecasts: true, web: await builtPages() });
    await writeWholeLog(server.api);
    const caller = server.api.caller();
    const { access_token, refresh_token } = await caller.auth.register({ email, password, full_name: "Ada" });
    tokens = { access_token, refresh_token };
    await server.api.caller(access_token).predictions.run_optimization({ assets: ["USDC"], amount: "10000" });
    axe = await readFile(fileURLToPath(import.meta.resolve("axe-core/axe.min.js")), "utf8");
  });
  afterAll(async () => {
    await server[Symbol.asyncDispose]();
    await browser[Symbol.asyncDispose]();
  });

  const paths = [
    "/",
    "/markets/simulated%3Aekubo%3Aeth-usdc",
    "/protocols",
    "/record",
    "/sign-in",
    "/sign-up",
    "/forgot-password",
    "/account/verify-email#token=x",
    "/account/reset-password#token=x",
    "/account/confirm-email-change#token=x",
    "/no-such-page",
  ];
  const ownPaths = [
    "/allocation",
    "/allocation/what-if",
    "/allocation/history",
    "/transactions",
    "/settings",
    "/settings/security",
    "/settings/wallets",
    "/settings/developers",
    "/settings/data",
    "/account/preferences",
    "/account/agent",
  ];
  it.each(
    ["light", "dark"].flatMap((theme) => [...paths, ...ownPaths].map((path) => [path, theme] as const)),
  )("shows %s in %s so that axe finds nothing", async (path, theme) => {
    const tab = await browser.openTab();
    await tab.send("Emulation.setEmulatedMedia", {
      features: [{ name: "prefers-color-scheme", value: theme }],
    });
    if (ownPaths.includes(path)) {
      const source = `localStorage.setItem("obsqra.tokens", ${JSON.stringify(JSON.stringify(tokens))})`;
      await tab.send("Page.enable");
      await tab.send("Page.addScriptToEvaluateOnNewDocument", { source });
    }
    const page = await openPage(tab, `${server.url}${path}`);
    await vi.waitUntil(() => page.evaluate<boolean>(isDrawn), { timeout: 60_000 });
    await page.evaluate(`${axe};0`);
    const violations = await page.evaluate<Violation[]>("axe.run().then(({ violations }) => violations)");
    const found = violations.map(({ id, nodes }) => [
      id,
      nodes.map(({ html, failureSummary }) => `${html} ${failureSummary}`),
    ]);
    expect(found).toEqual([]);
  });

  it("has the first view in 200 KB of script, in gzip", async () => {
    const pages = await builtPages();
    const page = await openPage(await browser.openTab(), `${server.url}/`);
    await page.untilText("13 markets");
    const scripts = page.requests.map((request) => new URL(request.split(" ")[1] ?? "").pathname);
    const bytes = [...new Set(scripts)]
      .filter((path) => path.endsWith(".js"))
      .map((path) => pages.files.get(path)?.compressed?.byteLength ?? Number.NaN);
    const sum = bytes.reduce((total, each) => total + each, 0);
    process.stdout.write(`The first view takes ${(sum / 1024).toFixed(1)} KB of script, in gzip.\n`);
    expect(sum).toBeLessThanOrEqual(firstViewBytesMax);
  });
});
