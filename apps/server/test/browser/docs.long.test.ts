import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { startTestServer } from "../wire/start-test-server.ts";
import { openPage } from "./open-page.ts";
import { browserPath, startBrowser, type TestBrowser } from "./start-browser.ts";

// The page is the same on both engines, so once is enough.
const isHere = inject("databaseEngine") === "pglite" && browserPath !== undefined;

/** Runs in the page: what a person would do with an operation. */
const helpers = `
const until = async (find) => {
  for (let turn = 0; turn < 1200; turn += 1) {
    const found = find();
    if (found) return found;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error("not found: " + find);
};
const operation = (id) => until(() => document.querySelector("[id$='-" + id + "']"));
/** Opens an operation, sends its example, and gives status and body of the response. */
const execute = async (id) => {
  const section = await operation(id);
  if (!section.querySelector(".execute")) section.querySelector(".opblock-summary-control").click();
  (await until(() => section.querySelector(".execute"))).click();
  const response = await until(() => section.querySelector(".live-responses-table .response"));
  await until(() => response.querySelector(".highlight-code, pre"));
  return [response.querySelector(".response-col_status").innerText.trim(), response.innerText];
};
const authorize = async (token) => {
  document.querySelector(".btn.authorize").click();
  const field = await until(() => document.querySelector(".auth-container input"));
  Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, "value").set.call(field, token);
  field.dispatchEvent(new Event("input", { bubbles: true }));
  document.querySelector(".auth-btn-wrapper .authorize").click();
  (await until(() => document.querySelector(".auth-btn-wrapper .btn-done"))).click();
};
`;

describe.runIf(isHere)("in a browser (needs chromium on the PATH), /docs", () => {
  let browser: TestBrowser;
  beforeAll(async () => {
    browser = await startBrowser();
  });
  afterAll(() => browser[Symbol.asyncDispose]());

  it("has names for everything, registers a user, takes the token and shows what operations return, talking to this server only", async () => {
    await using server = await startTestServer({ withForecasts: true });
    const page = await openPage(await browser.openTab(), `${server.url}/docs`);
    await page.untilText("Create an account and sign in");
    const names =
      "[document.documentElement.lang, document.title, document.querySelector('h1, h2').textContent]";
    expect(await page.evaluate(names)).toEqual(["en", "Obsqra API", expect.stringContaining("Obsqra API")]);
    const nodes = await page.accessibleNodes();
    expect(nodes.filter(({ role, name }) => role === "button" && name === "")).toEqual([]);
    const run = <TValue>(script: string) =>
      page.evaluate<TValue>(`(async () => { ${helpers}\n${script} })()`);

    const [status, response] = await run<[string, string]>(`return execute("auth_register")`);
    expect(status).toBe("201");
    const [, token] = /"access_token": "([^"]+)"/.exec(response) ?? [];
    await run(`await authorize("${token}")`);
    const [meStatus, me] = await run<[string, string]>(`return execute("auth_me")`);
    expect([meStatus, me]).toEqual(["200", expect.stringContaining('"ada@example.org"')]);
    const [dashboardStatus, dashboard] = await run<[string, string]>(`return execute("analytics_dashboard")`);
    expect([dashboardStatus, dashboard]).toEqual(["200", expect.stringContaining('"simulated": true')]);

    const origins = page.requests.map((request) => request.split(" ")[1] ?? "");
    expect(origins.filter((url) => !url.startsWith(server.url) && !url.startsWith("data:"))).toEqual([]);
    expect(page.complaints).toEqual([]);
    // The browser draws megabytes of script; on a busy machine that takes a while.
  }, 180_000);
});
