import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { fileURLToPath } from "node:url";
import { agentParameters, askAsAgent } from "@obsqra/features/testing";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { password, startTestServer, type TestServer } from "../wire/start-test-server.ts";
import { builtPages } from "./built-pages.ts";
import { openPage } from "./open-page.ts";
import { signInTab, signUpForBrowser } from "./sign-in-tab.ts";
import { browserPath, startBrowser, type TestBrowser } from "./start-browser.ts";
import { tabTo } from "./tab-to.ts";

// The pages are the same on both engines, so once is enough.
const isHere = inject("databaseEngine") === "pglite" && browserPath !== undefined;

describe.runIf(isHere)("in a browser (needs chromium on the PATH), the page on which an agent asks", () => {
  let browser: TestBrowser;
  let server: TestServer;
  beforeAll(async () => {
    browser = await startBrowser();
    server = await startTestServer({ web: await builtPages() });
  });
  afterAll(async () => {
    await browser[Symbol.asyncDispose]();
    await server[Symbol.asyncDispose]();
  });

  /** An agent on this machine, to which browsers come back. */
  async function startAgent() {
    const came: URLSearchParams[] = [];
    const agent = createServer(({ url = "" }, response) => {
      if (url.startsWith("/callback")) came.push(new URL(url, "http://agent").searchParams);
      response.setHeader("content-type", "text/html").end("<title>Agent</title>The agent has it.");
    });
    await new Promise<void>((resolve) => agent.listen(0, "127.0.0.1", resolve));
    const host = `127.0.0.1:${(agent.address() as AddressInfo).port}`;
    return {
      came,
      host,
      redirect_uri: `http://${host}/callback`,
      [Symbol.asyncDispose]: async () => {
        agent.closeAllConnections();
        await new Promise((resolve) => agent.close(resolve));
      },
    };
  }

  it("says who asks and for what, lets in after the password, or sends back a refusal; axe finds nothing", async () => {
    await using agent = await startAgent();
    const { redirect_uri, host, came } = agent;
    const parameters = { ...agentParameters(server.api), redirect_uri, scope: "users:read analytics:read" };
    const tab = await browser.openTab();
    await signInTab(tab, await signUpForBrowser(server, "ada@example.org"));
    // Too long ago for letting anybody in.
    server.api.clock.advance(15 * 60_000);
    const address = async () => {
      const request = await askAsAgent(server.api, parameters);
      return `${server.url}/account/agent?request=${request}`;
    };
    const page = await openPage(tab, await address());
    for (const text of [
      "Test agent",
      "anyone can take this name",
      host,
      "see your profile and preferences",
    ]) {
      await page.untilText(text);
    }
    await page.evaluate(
      `${await readFile(fileURLToPath(import.meta.resolve("axe-core/axe.min.js")), "utf8")};0`,
    );
    expect(await page.evaluate("axe.run().then(({ violations }) => violations.map(({ id }) => id))")).toEqual(
      [],
    );
    await tabTo(page, "analytics:read");
    await page.press("Space");
    await tabTo(page, "Let it in");
    await page.press("Enter");
    await page.untilText("Your password, please");
    await tabTo(page, "password");
    await page.type(password);
    await page.press("Enter");
    await page.untilText("The agent has it.");
    expect(came.map((each) => [each.has("code"), each.get("error"), each.get("state")])).toEqual([
      [true, null, "as it came"],
    ]);
    const keys = server.api.deps.db.selectFrom("api_keys").select("scopes");
    expect(await keys.executeTakeFirstOrThrow()).toEqual({ scopes: ["users:read"] });

    const other = await openPage(tab, await address());
    await other.untilText("Test agent");
    await tabTo(other, "Refuse");
    await other.press("Enter");
    await other.untilText("The agent has it.");
    expect(came.at(-1)?.get("error")).toBe("access_denied");

    const changed = await openPage(tab, `${server.url}/account/agent?request=made.up`);
    await changed.untilText("This is no request of an agent.");
  });
});
