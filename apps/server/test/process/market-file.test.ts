import { appendFile } from "node:fs/promises";
import { describe, expect, inject, it } from "vitest";
import { ask, createTestFolder, signIn, spawnServer } from "./spawn-server.ts";

describe.runIf(inject("databaseEngine") === "pglite")("a market file", () => {
  it("is served without its broken rows, which are counted and named", async () => {
    await using folder = await createTestFolder("a database");
    const market = await folder.market("enough");
    const broken = [
      "nonsense",
      "fixture-dex-1,fixture-swap,Starknet,ETH-T1,yesterday,1,2,3,4",
      "fixture-dex-1,fixture-swap,Starknet,ETH\0,2025-01-01,1,2,3,4",
      "fixture-dex-1,fixture-swap,Starknet,ETH-T1,9999-12-31T23:59:59-05:00,1,2,3,4",
    ];
    await appendFile(market.MARKET_FILE ?? "", `${broken.join("\n")}\n`);
    await using server = await spawnServer(folder, market);
    const url = await server.listening();
    expect(server.output()).toContain("244 rows read, 240 loaded, 4 rejected, 0 duplicates, 3 markets");
    expect(server.output()).toMatch(
      /rejected line 242: .+\n +rejected line 243: .+\n +rejected line 244: .+\n +rejected line 245: .+\n/,
    );
    const get = await signIn(url);
    const { status, body } = await get("/analytics/risk-history?protocol=fixture-swap&days=5");
    expect(status).toBe(200);
    expect(body).toMatchObject({ data_source: { name: "file:enough.csv", simulated: false } });
    expect((body.items as unknown[]).length).toBe(5);
  });

  it("is served without forecasts when it has too little history", async () => {
    await using folder = await createTestFolder("a database");
    await using server = await spawnServer(folder, await folder.market("too little"));
    const url = await server.listening();
    expect(server.output()).toContain("No forecasts yet: ");
    expect(await ask(url, "/ready")).toEqual({
      status: 503,
      body: { status: "not ready", checks: { database: "up", models: "down" } },
    });
    const get = await signIn(url);
    for (const path of ["/predictions/risk-forecast", "/predictions/yield-forecast"]) {
      expect(await get(path)).toMatchObject({ status: 503, body: { code: "FORECASTS_NOT_READY" } });
    }
    expect((await get("/analytics/dashboard")).status).toBe(200);
  });
});
