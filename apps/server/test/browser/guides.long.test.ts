import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { cp, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { describe, expect, inject, it } from "vitest";
import { findFreePort } from "../find-free-port.ts";
import { password, startTestServer } from "../wire/start-test-server.ts";
import { openPage } from "./open-page.ts";
import { browserPath, startBrowser } from "./start-browser.ts";

const run = promisify(execFile);
const root = join(import.meta.dirname, "../../../..");
const examples = join(root, "packages/client/examples");
const tsc = join(root, "node_modules/.bin/tsc");

/** An empty project with the packed client, one version of each other package, and the files of a guide. */
async function createProject(guide: string, serviceUrl: string, installed: readonly string[]) {
  const folder = await mkdtemp(join(tmpdir(), "obsqra-guide-"));
  await cp(join(examples, guide), folder, { recursive: true });
  for (const name of await readdir(folder, { recursive: true })) {
    if (!/\.tsx?$/.test(name)) continue;
    const text = await readFile(join(folder, name), "utf8");
    await writeFile(join(folder, name), text.replaceAll("http://localhost:8000", serviceUrl));
  }
  const pack = ["pnpm", "--filter", "@obsqra/client", "pack", "--pack-destination", folder];
  await run("npx", pack, { cwd: root });
  const [archive = ""] = (await readdir(folder)).filter((name) => name.endsWith(".tgz"));
  await writeFile(
    join(folder, "package.json"),
    JSON.stringify({ name: "app", private: true, type: "module" }),
  );
  await run("npm", ["install", "--no-audit", "--no-fund", `./${archive}`, ...installed], { cwd: folder });
  const vite = join(folder, "node_modules/vite/bin/vite.js");
  return {
    folder,
    build: () => run(process.execPath, [vite, "build"], { cwd: folder }),
    /** Serves what was built. */
    async preview() {
      const port = await findFreePort();
      const child = spawn(
        process.execPath,
        [vite, "preview", "--port", String(port), "--host", "127.0.0.1"],
        {
          cwd: folder,
          stdio: "ignore",
        },
      );
      const ended = once(child, "close");
      const url = `http://127.0.0.1:${port}`;
      await expect
        .poll(
          () =>
            fetch(url).then(
              ({ ok }) => ok,
              () => false,
            ),
          { timeout: 60_000 },
        )
        .toBe(true);
      return {
        url,
        [Symbol.asyncDispose]: async () => {
          child.kill("SIGKILL");
          await ended;
        },
      };
    },
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true, maxRetries: 10 }),
  };
}

const forecast = /[a-z]+: -?\d+\.\d % a year/;

describe.runIf(inject("databaseEngine") === "pglite")("whoever follows a guide", () => {
  it.runIf(browserPath !== undefined)(
    "has a forecast on the screen with 15 lines of React in a Vite project (needs chromium on the PATH)",
    async () => {
      await using server = await startTestServer({ withForecasts: true });
      const packages = ["vite@8.4.0", "react@19.3.1", "react-dom@19.3.1", "@tanstack/react-query@5.108.4"];
      const types = ["@types/react@19.3.3", "@types/react-dom@19.3.0"];
      await using project = await createProject("vite-react", server.url, [...packages, ...types]);
      const main = join(project.folder, "src/main.tsx");
      const lines = (await readFile(main, "utf8")).split("\n").filter((line) => line.trim() !== "");
      expect(lines.length).toBeLessThanOrEqual(15);
      const page =
        '<!doctype html><title>App</title><link rel="icon" href="data:," /><script type="module" src="/src/main.tsx"></script>';
      await writeFile(join(project.folder, "index.html"), page);
      const options =
        "--noEmit --strict --skipLibCheck --jsx react-jsx --target es2022 --module esnext --moduleResolution bundler";
      await run(tsc, [...options.split(" "), "--lib", "es2022,dom,dom.iterable", "--types", "", main], {
        cwd: project.folder,
      });
      await project.build();
      await using app = await project.preview();
      await using browser = await startBrowser();
      const opened = await openPage(await browser.openTab(), app.url);
      await opened.untilText("% a year");
      expect(await opened.evaluate<string>("document.body.innerText")).toMatch(forecast);
      expect(opened.complaints).toEqual([]);
    },
    600_000,
  );

  it("has a SvelteKit app that renders forecasts, signs in and renews", async () => {
    await using server = await startTestServer({ withForecasts: true });
    await server.signUp("ada@example.org");
    const packages = ["vite@8.4.0", "svelte@5.57.3", "@sveltejs/kit@3.2.0"];
    await using project = await createProject("sveltekit", server.url, packages);
    await project.build();
    const kit = join(project.folder, "node_modules/.bin/svelte-kit");
    await run(process.execPath, [kit, "sync"], { cwd: project.folder });
    await run(tsc, ["--noEmit", "--skipLibCheck", "-p", project.folder]);
    await using app = await project.preview();
    expect(await (await fetch(app.url)).text()).toMatch(forecast);
    const body = new URLSearchParams({ email: "ada@example.org", password });
    const headers = { origin: app.url, accept: "text/html" };
    const signedIn = await fetch(`${app.url}/?/signIn`, { method: "POST", body, headers });
    const cookie = signedIn.headers.getSetCookie()[0]?.split(";")[0] ?? "";
    expect(await (await fetch(app.url, { headers: { cookie } })).text()).toContain(
      "Signed in as ada@example.org",
    );
    // Of a cookie that says that its token is about to expire, the next one comes with the page.
    const { access_token, refresh_token } = JSON.parse(
      decodeURIComponent(cookie.slice("obsqra=".length)),
    ) as Record<string, string>;
    const old = encodeURIComponent(
      JSON.stringify({ access_token, refresh_token, expires_at_ms: Date.now() + 60_000 }),
    );
    const page = await fetch(app.url, { headers: { cookie: `obsqra=${old}` } });
    expect(page.headers.getSetCookie()[0]).toMatch(/^obsqra=.*HttpOnly/);
    expect(await page.text()).toContain("Signed in as ada@example.org");
  }, 600_000);
});
