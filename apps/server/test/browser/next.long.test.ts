import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { cp, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { promisify } from "node:util";
import { createClient, createMemoryTokenStorage } from "@obsqra/client";
import { describe, expect, inject, it } from "vitest";
import { password, startTestServer } from "../wire/start-test-server.ts";
import { type BrowserPage, openPage } from "./open-page.ts";
import { browserPath, startBrowser } from "./start-browser.ts";

const run = promisify(execFile);
const root = join(import.meta.dirname, "../../../..");
const example = join(root, "packages/client/examples/nextjs");
/** One of each, so that a new release breaks this test only when somebody takes it. */
const installed = [
  "next@16.4.6",
  "react@19.3.1",
  "react-dom@19.3.1",
  "typescript@5.9.3",
  "@types/react@19.3.3",
];

/** An empty project with the packed client and the example, built. */
async function buildProject(serviceUrl: string) {
  const folder = await mkdtemp(join(tmpdir(), "obsqra-next-"));
  await cp(example, folder, { recursive: true });
  await run("npx", ["pnpm", "--filter", "@obsqra/client", "pack", "--pack-destination", folder], {
    cwd: root,
  });
  const [archive] = (await readdir(folder)).filter((name) => name.endsWith(".tgz"));
  await writeFile(
    join(folder, "package.json"),
    JSON.stringify({ name: "app", private: true, type: "module" }),
  );
  const install = ["install", "--no-audit", "--no-fund", `./${archive}`, ...installed, "@types/node@24.19.2"];
  await run("npm", install, { cwd: folder });
  const environment = {
    PATH: `${join(process.execPath, "..")}:/usr/bin:/bin`,
    HOME: folder,
    OBSQRA_URL: serviceUrl,
    NEXT_TELEMETRY_DISABLED: "1",
  };
  const next = join(folder, "node_modules/next/dist/bin/next");
  await run(process.execPath, [next, "build"], { cwd: folder, env: environment });
  return {
    /** Starts it on a free port. */
    async start() {
      const child = spawn(process.execPath, [next, "start", "--port", "0"], {
        cwd: folder,
        env: environment,
      });
      const ended = once(child, "close");
      return {
        url: await addressOf(child.stdout),
        [Symbol.asyncDispose]: async () => {
          child.kill("SIGKILL");
          await ended;
        },
      };
    },
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true, maxRetries: 10 }),
  };
}

async function addressOf(output: NodeJS.ReadableStream): Promise<string> {
  const lines: string[] = [];
  for await (const line of createInterface(output)) {
    const [, url] = /Local:\s+(http:\/\/localhost:\d+)/.exec(line) ?? [];
    if (url !== undefined) {
      output.resume();
      return url;
    }
    lines.push(line);
  }
  throw new Error(`Next.js does not start:\n${lines.join("\n")}`);
}

const isHere = browserPath !== undefined && inject("databaseEngine") === "pglite";

describe.runIf(isHere)("in a browser (needs chromium on the PATH), a Next.js 16 app", () => {
  it("goes on being signed in when the access token expires, on the server and in the browser", async () => {
    await using server = await startTestServer();
    await using project = await buildProject(server.url);
    await using app = await project.start();
    const email = "ada@example.org";
    const { clock } = server.api;
    // What somebody has been given who signed in half an hour ago, on the clock of this machine, which the app goes by.
    clock.advance(Date.now() - clock().getTime() - 31 * 60_000);
    const expired = createMemoryTokenStorage();
    const client = createClient({ url: server.url, tokens: expired });
    await client.auth.register.mutate({ email, password, full_name: "Ada" });
    clock.advance(31 * 60_000);

    await using browser = await startBrowser();
    const page = await openPage(await browser.openTab(), app.url);
    await page.untilText("Sign in");
    const fill = (name: string, text: string) =>
      page.evaluate(`document.querySelector("[name=${name}]").value = ${JSON.stringify(text)}`);
    await fill("email", email);
    await fill("password", password);
    await page.evaluate(`document.querySelector("form").requestSubmit()`);
    await page.untilText(`Signed in as ${email}`);
    const signedIn = await sessionOf(page);
    await reload(page, `Signed in as ${email}`);
    expect(await sessionOf(page)).toBe(signedIn);

    // The clock of this machine, which they were stored by, has not gone on as that of the service has.
    const stored = { ...expired.read(), expires_at_ms: Date.now() - 60_000 };
    const value = encodeURIComponent(JSON.stringify(stored));
    await page.devTools.send("Network.setCookie", { url: app.url, name: "obsqra", value, httpOnly: true });
    await reload(page, `Signed in as ${email}`);
    const renewed = await sessionOf(page);
    expect(renewed).not.toBe(value);

    // In the browser, by the route handler; and beyond the seconds in which a refresh token may be used again.
    clock.advance(20_000);
    await page.evaluate(`document.querySelector("main button").click()`);
    await page.untilText("0 transactions");
    await reload(page, "Show transactions");
    expect(await sessionOf(page)).toBe(renewed);
    expect(await page.evaluate("document.cookie")).toBe("");

    // The clock of the app is wrong by more than renewing ahead makes up for: the page asks, and nothing is spent or thrown.
    clock.advance(31 * 60_000);
    await reload(page, "Sign in");
    expect(await sessionOf(page)).toBe(renewed);
    expect(page.complaints).toEqual([]);
  }, 900_000);
});

/** Loads the page again, and waits until the new one says this. */
async function reload(page: BrowserPage, text: string): Promise<void> {
  await page.evaluate("document.body.textContent = ''");
  await page.devTools.send("Page.reload");
  await page.untilText(text);
}

/** The cookie of the session. */
async function sessionOf({ devTools }: BrowserPage): Promise<string | undefined> {
  const { cookies } = await devTools.send<{ cookies: { name: string; value: string; httpOnly: boolean }[] }>(
    "Network.getCookies",
  );
  return cookies.find(({ name, httpOnly }) => name === "obsqra" && httpOnly)?.value;
}
