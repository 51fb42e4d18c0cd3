import {
  importLater,
  logSuggestionOutcomes,
  recordActuals,
  scoreSuggestions,
  writeWholeLog,
} from "@obsqra/features/testing";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { startTestServer } from "../wire/start-test-server.ts";
import { builtPages } from "./built-pages.ts";
import { type BrowserPage, openPage } from "./open-page.ts";
import { browserPath, startBrowser, type TestBrowser } from "./start-browser.ts";

// The pages are the same on both engines, so once is enough.
const isHere = inject("databaseEngine") === "pglite" && browserPath !== undefined;

const minuteMs = 60_000;

/** Presses what has this text, as soon as it is there. */
async function press(page: BrowserPage, text: string): Promise<void> {
  await page.untilText(text);
  await page.evaluate(`(() => {
    const all = [...document.querySelectorAll("a, button, [role=option]")];
    all.find((element) => element.innerText.trim() === ${JSON.stringify(text)}).click();
  })()`);
}

/** Types into a field by its label. */
async function fill(page: BrowserPage, name: string, value: string): Promise<void> {
  const field = `document.querySelector('input[name="${name}"], input[type="${name}"]')`;
  await page.evaluate(`(async () => {
    while (${field} === null) await new Promise(requestAnimationFrame);
    ${field}.focus();
  })()`);
  await page.type(value);
}

describe.runIf(isHere)("in a browser (needs chromium on the PATH), the dashboard", () => {
  let browser: TestBrowser;
  beforeAll(async () => {
    browser = await startBrowser();
  });
  afterAll(() => browser[Symbol.asyncDispose]());

  it("shows markets, one of them, and the record to everybody, verifies a forecast itself, and asks nobody else", async () => {
    await using server = await startTestServer({ withForecasts: true, web: await builtPages() });
    await writeWholeLog(server.api);
    const page = await openPage(await browser.openTab(), `${server.url}/`);
    await page.untilText("13 markets");
    await page.untilText("Simulated data");
    // The browser is told of it with the page, and what it has read is what the page takes.
    expect(page.requests.filter((request) => request.includes("/trpc/"))).toHaveLength(1);

    // The history of these tests ended long ago.
    await page.untilText("days old");
    await page.evaluate("document.querySelector('.grid-body .explained').focus()");
    await page.untilText("Percent a year");
    await page.untilText("Source: simulated");

    await fill(page, "search", "ekubo");
    await page.untilText("4 of 13 markets");
    expect(await page.evaluate("location.search")).toBe("?q=ekubo");
    await press(page, "STRK-ETH");
    await page.untilText("APY and forecast");
    await page.untilText("95 % band");
    await page.untilText("None is known of this market or its protocol.");
    await page.untilText("What the APY forecast is made up of");
    await press(page, "Table");
    await page.untilText("95 % band, Upper");

    await press(page, "Protocols");
    await page.untilText("Exploited");
    await press(page, "Track record");
    await press(page, "Check the whole record");
    await page.untilText("forecasts of each protocol.");
    await press(page, "Close");
    await press(page, "Verify");
    await page.untilText("Holds. Time is attested by the service itself");

    const ada = await server.api.signUp();
    await ada.predictions.run_optimization({ assets: ["USDC"], amount: "20000" });
    await importLater(server.api, 8);
    await recordActuals(server.api.deps);
    await scoreSuggestions(server.api.deps, new AbortController().signal);
    await logSuggestionOutcomes(server.api.deps);
    const record = await openPage(await browser.openTab(), `${server.url}/record?granularity=protocol`);
    await press(record, "Month");
    await record.untilText("By month of the data");
    await record.untilText("2026-01");
    // The number of outcomes leads to the forecasts behind it.
    expect(await record.evaluate("document.querySelector('a[href*=\"of=2026-01\"]').innerText")).toBe("3");
    await record.evaluate("document.querySelector('a[href*=\"of=2026-01\"]').click()");
    await record.untilText("Each forecast of 2026-01");
    expect(await record.evaluate("location.search")).toBe("?granularity=protocol&by=month&of=2026-01");
    // So does that of suggestions, each with its entry of the log.
    const suggested = await openPage(await browser.openTab(), `${server.url}/record?suggested=2026-01`);
    await suggested.untilText("Each suggestion of 2026-01");
    await suggested.untilText("Entry of the log");
    expect(
      await suggested.evaluate("document.querySelector('a[href*=\"suggested=2026-01\"]').innerText"),
    ).toBe("1");
    expect(suggested.complaints).toEqual([]);
    expect(record.complaints).toEqual([]);

    const origins = page.requests.map((request) => request.split(" ")[1] ?? "");
    expect(origins.filter((url) => !url.startsWith(server.url))).toEqual([]);
    expect(page.complaints).toEqual([]);
  });

  it("asks for an account where the operator has closed it, and then suggests, logs what was done, and makes keys", async () => {
    await using server = await startTestServer({
      withForecasts: true,
      publicRead: false,
      web: await builtPages(),
    });
    const page = await openPage(await browser.openTab(), `${server.url}/`);
    await page.untilText("Sign in to read this");
    await press(page, "Create account");
    await page.untilText("You need no wallet");
    await fill(page, "name", "Ada");
    await fill(page, "email", "ada@example.org");
    await fill(page, "password", "correct horse battery");
    await page.press("Enter");

    await page.untilText("Nothing is logged yet");
    await fill(page, "assets", "USDC");
    await page.press("Enter");
    await page.untilText("Pays after");
    await page.untilText("What would change it");

    await press(page, "Transactions");
    await page.untilText("No transaction is logged yet");
    await fill(page, "hash", "0x5a1d");
    await fill(page, "amount", "1250.5");
    await page.press("Enter");
    await page.untilText("1250.5");
    await page.untilText("Pending");

    await press(page, "Check in this browser");
    await page.untilText("Holds: 1 entry, none changed, left out or put in.");

    await press(page, "Settings");
    await press(page, "Developers");
    await page.untilText("There are no keys");
    // It is too long ago that the password was given.
    server.api.clock.advance(15 * minuteMs);
    await fill(page, "name", "Nightly report");
    await page.press("Enter");
    await page.untilText("Your password, please");
    await fill(page, "password", "correct horse battery");
    await page.press("Enter");
    await page.untilText("it is shown this once");
    await page.untilText("Nightly report");

    await press(page, "Sign out");
    await page.untilText("Sign in to read this");
  });
});
