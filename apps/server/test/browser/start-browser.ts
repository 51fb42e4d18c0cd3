import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { type BrowserDevTools, type DevTools, openDevTools } from "./dev-tools.ts";

/** A browser without a window, with a profile of its own; it ends with `await using`. */
export interface TestBrowser extends AsyncDisposable {
  /** Opens a tab that shares nothing with the others, and gives what drives it. */
  openTab(): Promise<DevTools>;
}

/** Path of Chromium or Chrome, where this machine has one. */
export const browserPath = findBrowser();

function findBrowser(): string | undefined {
  for (const name of ["chromium", "chromium-browser", "google-chrome"]) {
    try {
      return execFileSync("which", [name], { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }).trim();
    } catch {
      // Not this one.
    }
  }
  return undefined;
}

/** Starts the browser and waits until it can be driven. */
export async function startBrowser(): Promise<TestBrowser> {
  if (browserPath === undefined) throw new Error("This machine has neither Chromium nor Chrome.");
  const profile = await mkdtemp(join(tmpdir(), "obsqra-browser-"));
  const child = spawn(
    browserPath,
    [
      "--headless=new",
      "--remote-debugging-port=0",
      `--user-data-dir=${profile}`,
      // The sandbox needs rights that containers do not give; only pages of our own are opened.
      "--no-sandbox",
      "--disable-gpu",
      "--disable-dev-shm-usage",
      "--disable-background-networking",
      // A tab that another one covers would stop painting, and keys that it is sent would wait for a frame for ever.
      "--disable-backgrounding-occluded-windows",
      "--disable-renderer-backgrounding",
      "--disable-background-timer-throttling",
      "--no-first-run",
      "about:blank",
    ],
    { stdio: ["ignore", "ignore", "pipe"] },
  );
  const killWithTests = () => void child.kill("SIGKILL");
  process.once("exit", killWithTests);
  const ended = once(child, "close");
  const browser = await connect(child.stderr);
  return {
    openTab: async () => {
      const context = await browser.send<{ browserContextId: string }>("Target.createBrowserContext");
      const tab = { url: "about:blank", ...context };
      const { targetId } = await browser.send<{ targetId: string }>("Target.createTarget", tab);
      return browser.attach(targetId);
    },
    [Symbol.asyncDispose]: async () => {
      process.removeListener("exit", killWithTests);
      child.kill("SIGKILL");
      await ended;
      await rm(profile, { recursive: true, force: true, maxRetries: 10 });
    },
  };
}

async function connect(output: NodeJS.ReadableStream): Promise<BrowserDevTools> {
  const lines: string[] = [];
  for await (const line of createInterface(output)) {
    const [, url] = /^DevTools listening on (ws:\S+)$/.exec(line) ?? [];
    if (url !== undefined) {
      // What it says later must not fill the pipe.
      output.resume();
      return openDevTools(url);
    }
    lines.push(line);
  }
  throw new Error(`The browser ended before it could be driven:\n${lines.join("\n")}`);
}
