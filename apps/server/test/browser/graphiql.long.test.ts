import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { send, startTestServer } from "../wire/start-test-server.ts";
import { openPage } from "./open-page.ts";
import { browserPath, startBrowser, type TestBrowser } from "./start-browser.ts";

// The page is the same on both engines, so once is enough.
const isHere = inject("databaseEngine") === "pglite" && browserPath !== undefined;

describe.runIf(isHere)("in a browser (needs chromium on the PATH), /graphql", () => {
  let browser: TestBrowser;
  beforeAll(async () => {
    browser = await startBrowser();
  });
  afterAll(() => browser[Symbol.asyncDispose]());

  it("in development is GraphiQL, which shows what an operation gives, talking to this server only", async () => {
    await using server = await startTestServer({ withForecasts: true, env: { ENVIRONMENT: "development" } });
    const page = await openPage(await browser.openTab(), `${server.url}/graphql`);
    const until = (condition: string) =>
      expect.poll(() => page.evaluate(condition), { timeout: 90_000 }).toBe(true);
    await until(`document.querySelector(".graphiql-execute-button") !== null`);
    await until(
      `document.querySelector(".graphiql-query-editor .view-lines")?.textContent.includes("yield_forecast") === true`,
    );
    await page.evaluate(`document.querySelector(".graphiql-execute-button").click()`);
    await until(
      `document.querySelector(".graphiql-response .view-lines")?.textContent.includes("ekubo") === true`,
    );
    // Refused, since nobody has signed in, and by the service.
    const subscription = encodeURIComponent("subscription { events_follow { __typename } }");
    await page.evaluate(`location.assign("/graphql?query=${subscription}")`);
    await until(
      `document.querySelector(".graphiql-query-editor .view-lines")?.textContent.includes("events_follow") === true`,
    );
    await page.evaluate(`document.querySelector(".graphiql-execute-button").click()`);
    await until(
      `document.querySelector(".graphiql-response .view-lines")?.textContent.includes("UNAUTHENTICATED") === true`,
    );
    const origins = page.requests.map((request) => request.split(" ")[1] ?? "");
    const isOurs = (url: string) =>
      [server.url, `blob:${server.url}`, "data:"].some((start) => url.startsWith(start));
    expect(origins.filter((url) => !isOurs(url))).toEqual([]);
    expect(page.complaints.filter((each) => !each.includes("401 (Unauthorized)"))).toEqual([]);
  }, 180_000);
});

it("is no page where others than developers come", async () => {
  for (const ENVIRONMENT of ["production", "test"] as const) {
    await using server = await startTestServer({ env: { ENVIRONMENT } });
    expect((await send(server.url, { path: "/graphql" })).status).toBe(405);
    expect((await send(server.url, { path: "/graphql/graphiql.js" })).status).toBe(404);
  }
});
