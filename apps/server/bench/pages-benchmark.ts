import { mkdir, mkdtempDisposable } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { type Benchmark, type BenchmarkRow, median } from "../../../scripts/bench/benchmark.ts";
import { builtPages } from "../test/browser/built-pages.ts";
import type { DevTools } from "../test/browser/dev-tools.ts";
import { type BrowserPage, openPage } from "../test/browser/open-page.ts";
import { type KeptTokens, signInTab } from "../test/browser/sign-in-tab.ts";
import { startBrowser, type TestBrowser } from "../test/browser/start-browser.ts";
import { spawnServer } from "../test/process/spawn-server.ts";

const rounds = 5;
const slowDown = 4;
const draggedMarkets = 50;

/** What the pages cost whoever opens them. */
export const pagesBenchmark: Benchmark = {
  name: "pages",
  title: "Pages",
  description: `Chromium without a window or a graphics card, on the cores that the server runs on as well; medians of ${rounds} openings with an empty cache. Interactive:
from the start of the navigation until the table of markets is on the screen and the page has time for something else, the processor slowed down ${slowDown}
times by the browser. Layout shift is the browser's own score, from the first frame until two seconds after. The drag moves a slider of the what-if page by the
mouse for some two seconds, among ${draggedMarkets} markets, with the server's answers coming in meanwhile; frames are those that the page was given.`,
  run: measure,
};

async function measure(report: (line: string) => void): Promise<readonly BenchmarkRow[]> {
  await builtPages();
  await using folder = await mkdtempDisposable(join(tmpdir(), "obsqra-bench-"));
  const data = join(folder.path, "data");
  await mkdir(data);
  report("Starting a server, which trains its models …");
  await using server = await spawnServer(
    { path: folder.path, data },
    { ENVIRONMENT: "test", MARKET_SOURCE: "simulated", RATE_LIMITS: "false" },
  );
  const url = await server.listening();
  await untilForecasts(url);
  const tokens = await signUp(url);
  await using browser = await startBrowser();
  report("Opening the first view …");
  const views = [];
  for (let round = 0; round < rounds; round += 1) views.push(await openFirstView(browser, url));
  report("Dragging …");
  const { framesPerSecond, slowestMs } = await drag(browser, url, tokens);
  const kilobytes = median(views.map(({ scriptBytes }) => scriptBytes)) / 1024;
  const interactiveMs = median(views.map((view) => view.interactiveMs));
  const shift = Math.max(...views.map((view) => view.shift));
  return [
    row("script of the first view, gzip", `${kilobytes.toFixed(1)} KiB`, "≤ 200 KiB", kilobytes <= 200),
    row(
      `first view interactive, processor ${slowDown} × slower`,
      `${interactiveMs.toFixed(0)} ms`,
      "≤ 1,000 ms",
      interactiveMs <= 1_000,
    ),
    row("layout shift of the first view, worst", shift.toFixed(3), "≤ 0.01", shift <= 0.01),
    row(
      `frames while dragging a slider over ${draggedMarkets} markets`,
      `${framesPerSecond.toFixed(1)}/s (slowest ${slowestMs.toFixed(1)} ms)`,
      "≥ 58/s",
      framesPerSecond >= 58,
    ),
  ];
}

/** In the page: notes when the table is there and the page has time, and how much has moved. */
const watch = `
  window.shift = 0;
  new PerformanceObserver((list) => {
    for (const { value, hadRecentInput } of list.getEntries()) if (!hadRecentInput) window.shift += value;
  }).observe({ type: "layout-shift", buffered: true });
  window.interactive = new Promise((resolve) => {
    const look = () => {
      if (document.querySelector("[role=rowheader], tbody th, .market-row, [role=row] a") === null) requestAnimationFrame(look);
      else requestAnimationFrame(() => setTimeout(() => resolve(performance.now())));
    };
    requestAnimationFrame(look);
  });`;

async function openFirstView(browser: TestBrowser, url: string) {
  const tab = await browser.openTab();
  await tab.send("Page.enable");
  await tab.send("Page.addScriptToEvaluateOnNewDocument", { source: watch });
  await tab.send("Emulation.setCPUThrottlingRate", { rate: slowDown });
  const scripts = new Set<string>();
  let scriptBytes = 0;
  tab.on<{ requestId: string; type: string }>("Network.responseReceived", ({ requestId, type }) => {
    if (type === "Script") scripts.add(requestId);
  });
  tab.on<{ requestId: string; encodedDataLength: number }>(
    "Network.loadingFinished",
    ({ requestId, encodedDataLength }) => {
      if (scripts.has(requestId)) scriptBytes += encodedDataLength;
    },
  );
  const page = await openPage(tab, `${url}/`);
  const interactiveMs = await page.evaluate<number>("window.interactive");
  await setTimeout(2_000);
  return { interactiveMs, scriptBytes, shift: await page.evaluate<number>("window.shift") };
}

async function drag(browser: TestBrowser, url: string, tokens: KeptTokens) {
  const tab = await browser.openTab();
  await signInTab(tab, tokens);
  await repeatMarkets(tab);
  const page = await openPage(tab, `${url}/allocation/what-if`);
  while ((await page.evaluate<number>("document.querySelectorAll('tbody tr').length")) < draggedMarkets)
    await setTimeout(100);
  await setTimeout(1_000);
  const { left, width, y } = await placeOfSlider(page);
  const mouse = (type: string, x: number) =>
    tab.send("Input.dispatchMouseEvent", { type, x, y, button: "left", buttons: 1, clickCount: 1 });
  await mouse("mousePressed", left + width / 2);
  await page.evaluate(`void (() => {
    window.frames60 = [];
    const each = (time) => { window.frames60.push(time); window.raf = requestAnimationFrame(each); };
    requestAnimationFrame(each);
  })()`);
  const startedAt = performance.now();
  while (performance.now() - startedAt < 2_000) {
    const part = 0.5 + 0.4 * Math.sin((performance.now() - startedAt) / 250);
    await mouse("mouseMoved", left + width * part);
  }
  await mouse("mouseReleased", left + width / 2);
  const frames = await page.evaluate<number[]>("window.frames60");
  const times = frames.slice(1).map((time, index) => time - (frames[index] ?? time));
  const sumMs = times.reduce((sum, each) => sum + each, 0);
  return { framesPerSecond: (1_000 * times.length) / sumMs, slowestMs: Math.max(...times) };
}

function placeOfSlider(page: BrowserPage): Promise<{ left: number; width: number; y: number }> {
  return page.evaluate(`(() => {
    const { left, width, top, height } = document.querySelector("tbody input[type=range]").getBoundingClientRect();
    return { left, width, y: top + height / 2 };
  })()`);
}

/** Simulated data has ten markets: in the page's list they stand under more names. */
async function repeatMarkets(tab: DevTools): Promise<void> {
  await tab.send("Page.addScriptToEvaluateOnNewDocument", {
    source: `{
      const real = window.fetch;
      window.fetch = async (...input) => {
        const response = await real(...input);
        const url = String(input[0]?.url ?? input[0]);
        if (!url.includes("analytics.markets")) return response;
        const body = await response.json();
        for (const { result } of [body].flat()) {
          const items = result?.data?.items;
          if (items?.[0]?.market_id === undefined) continue;
          const known = items.filter(({ expected_apy, risk_parts }) => expected_apy && risk_parts);
          result.data.items = Array.from({ length: ${draggedMarkets} }, (_, index) => ({
            ...known[index % known.length],
            market_id: "market " + index,
            protocol: "protocol" + index,
            protocol_name: "Protocol " + index,
          }));
        }
        return new Response(JSON.stringify(body), { status: response.status, headers: response.headers });
      };
    }`,
  });
}

async function signUp(url: string): Promise<KeptTokens> {
  const response = await fetch(`${url}/api/v1/auth/register`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({
      email: "ada@example.org",
      password: "correct horse battery",
      full_name: "Ada",
    }),
  });
  // What registering answers has both.
  return (await response.json()) as KeptTokens;
}

async function untilForecasts(url: string): Promise<void> {
  for (let second = 0; second < 300; second += 1) {
    const response = await fetch(`${url}/api/v1/analytics/markets`);
    const { items }: { readonly items?: readonly { readonly expected_apy: unknown }[] } = Object(
      await response.json(),
    );
    if (items?.some(({ expected_apy }) => expected_apy !== null) === true) return;
    await setTimeout(1_000);
  }
  throw new Error("There are no forecasts after five minutes.");
}

function row(work: string, measured: string, bar: string, met: boolean): BenchmarkRow {
  return { work, measured, bar, met, peer: "" };
}
