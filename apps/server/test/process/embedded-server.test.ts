import { readdir, readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { beginRequest } from "./begin-request.ts";
import {
  ask,
  createTestFolder,
  type ServerProcess,
  signIn,
  spawnServer,
  type TestFolder,
} from "./spawn-server.ts";

const PUBLIC_URL = "https://api.example.org";

// It chooses its own database, so once is enough.
describe.runIf(inject("databaseEngine") === "pglite")("a server on an embedded database", () => {
  let folder: TestFolder;
  let server: ServerProcess;
  let url: string;

  beforeAll(async () => {
    folder = await createTestFolder("a database");
    server = await spawnServer(folder, { ...(await folder.market("too little")), PUBLIC_URL });
    await server.until(/Press Ctrl-C to stop\./);
    const [, port] = await server.until(/"msg":"Server listening at http:\/\/127\.0\.0\.1:(\d+)"/);
    url = `http://127.0.0.1:${port}`;
  });
  afterAll(async () => {
    await server[Symbol.asyncDispose]();
    await folder[Symbol.asyncDispose]();
  });

  it("serves a market file that has too little history, without forecasts", async () => {
    expect(server.output()).toContain("No forecasts yet: ");
    expect(await ask(url, "/ready")).toEqual({
      status: 503,
      body: {
        status: "not ready",
        checks: {
          database: "up",
          models: "down",
          market_data: "current",
          market_feed: "up",
          jobs: "up",
          events: "up",
        },
        degraded: ["models"],
        missing_models: ["risk", "yield"],
        risk_engine: "not configured",
        log_anchor: "not configured",
        market_source: { name: expect.stringMatching(/^file:/), simulated: false },
      },
    });
    const get = await signIn(url);
    for (const path of ["/predictions/risk-forecast", "/predictions/yield-forecast"]) {
      expect(await get(path)).toMatchObject({ status: 503, body: { code: "FORECASTS_NOT_READY" } });
    }
    expect((await get("/analytics/dashboard")).status).toBe(200);
  });

  it("keeps its directory from another one, and goes on undisturbed", async () => {
    await using other = await spawnServer(folder, await folder.market("too little"));
    expect(await other.exited()).toBe(1);
    expect(other.output()).toBe(
      `Another process is using the data directory ${folder.data}.\n` +
        "Stop that process first, or set DATA_DIRECTORY to another directory.\n",
    );
    const get = await signIn(url);
    expect((await get("/auth/me")).status).toBe(200);
  });

  it("writes mail to files while no mail server is configured, and says so", async () => {
    expect(server.output()).toContain(`Mail is written to files in ${folder.data}/outbox`);
    await signIn(url);
    const [, link = ""] = await server.until(/"mail":"(file:[^"]+)"/);
    const html = await readFile(fileURLToPath(link), "utf8");
    expect(html).toContain("<h1>Confirm your address</h1>");
    expect(html).toContain(`href="${PUBLIC_URL}/account/verify-email#token=`);
    const [, token = "no token"] = /#token=([^"]+)/.exec(html) ?? [];
    expect(await readdir(`${folder.data}/outbox`)).toHaveLength(2);
    expect(server.output()).not.toContain(token);
  });

  // The last one: it ends the server.
  it("finishes the request in flight after SIGTERM, and exits 0", async () => {
    // fetch keeps its connection open for more, which must not hold the server up.
    expect((await fetch(`${url}/health`)).status).toBe(200);
    const inFlight = await beginRequest(url);
    server.kill("SIGTERM");
    await server.until(/Stopping: finishing the requests in flight\./);
    await expect(fetch(`${url}/health`)).rejects.toThrow();
    expect(await inFlight.finish()).toBe(201);
    expect(await server.exited()).toBe(0);
  });
});
