import { readdirSync } from "node:fs";
import { describe, expect, inject, it, vi } from "vitest";
import { ask, createTestFolder, signIn, spawnServer } from "./spawn-server.ts";

interface Forecasts {
  readonly horizon_days: number;
  readonly model: { readonly version: string; readonly trained_at: string };
  readonly data_source: { readonly simulated: boolean };
  readonly items: readonly unknown[];
}

async function getForecasts(url: string): Promise<Forecasts> {
  const get = await signIn(url);
  // What the endpoint returns; the contract's own tests check it.
  return (await get("/predictions/risk-forecast")).body as unknown as Forecasts;
}

// These processes choose their own database, so once is enough.
describe.runIf(inject("databaseEngine") === "pglite")("a first start", () => {
  it("says what it does, that its figures are made up, and where it serves", async () => {
    await using folder = await createTestFolder();
    await using server = await spawnServer(folder, { MARKET_SOURCE: "simulated" });
    const url = await server.listening();
    const output = server.output();
    for (const step of [
      "Loading market history from simulated",
      "Storing market history",
      "Training the models",
    ]) {
      expect(output).toContain(`${step} … 0 %`);
      expect(output).toContain(`${step} … 100 %`);
    }
    expect(output).toContain(`Docs     ${url}/docs`);
    expect(output).toContain(`Health   ${url}/health and ${url}/ready`);
    expect(output).toContain("The market data are SIMULATED");
    expect(await ask(url, "/ready")).toMatchObject({ status: 200, body: { status: "ready" } });
    expect(await ask(url, "/health")).toEqual({ status: 200, body: { status: "ok" } });
    expect((await getForecasts(url)).data_source.simulated).toBe(true);
  });

  it("leaves data and models behind that the next one uses, until the forecast horizon changes", async () => {
    await using folder = await createTestFolder();
    const market = await folder.market("enough");
    const runs: Forecasts[] = [];
    const outputs: string[] = [];
    for (const PREDICTION_WINDOW_DAYS of ["7", "7", "3"]) {
      await using server = await spawnServer(folder, { ...market, PREDICTION_WINDOW_DAYS });
      runs.push(await getForecasts(await server.listening()));
      outputs.push(server.output());
      server.kill("SIGINT");
      expect(await server.exited()).toBe(0);
    }
    const [first, second, third] = runs;
    expect(outputs.map((output) => output.includes("Training the models"))).toEqual([true, false, true]);
    expect(outputs.map((output) => output.includes("Loading market history"))).toEqual([true, false, false]);
    expect(second).toEqual(first);
    expect([first?.horizon_days, third?.horizon_days]).toEqual([7, 3]);
    expect(third?.model.version).not.toBe(first?.model.version);
  });

  it("refuses a directory that another one uses, which goes on undisturbed", async () => {
    await using folder = await createTestFolder("a database");
    const market = await folder.market("too little");
    await using first = await spawnServer(folder, market);
    const url = await first.listening();
    await using second = await spawnServer(folder, market);
    expect(await second.exited()).toBe(1);
    expect(second.output()).toBe(
      `Another process is using the data directory ${folder.data}.\n` +
        "Stop that process first, or set DATA_DIRECTORY to another directory.\n",
    );
    const get = await signIn(url);
    expect((await get("/auth/me")).status).toBe(200);
  });

  it("picks up where others were killed or interrupted", async () => {
    await using folder = await createTestFolder();
    const variables = { MARKET_SOURCE: "simulated" };
    {
      await using making = await spawnServer(folder, variables);
      await vi.waitUntil(() => readFolder(folder.data).some((name) => name.startsWith("pglite.")), {
        timeout: 120_000,
      });
      making.kill("SIGKILL");
      expect(await making.exited()).toBe("SIGKILL");
    }
    {
      await using storing = await spawnServer(folder, variables);
      await storing.until(/Storing market history … 25 %/);
      storing.kill("SIGKILL");
      expect(await storing.exited()).toBe("SIGKILL");
    }
    {
      await using training = await spawnServer(folder, variables);
      await training.until(/Training the models … 0 %/);
      training.kill("SIGINT");
      expect(await training.exited()).toBe(0);
      expect(training.output()).not.toMatch(/Training the models … 100 %|Error|Health/);
    }
    await using server = await spawnServer(folder, variables);
    const url = await server.listening();
    expect(server.output()).not.toContain("Loading market history");
    expect(server.output()).toContain("Training the models … 100 %");
    expect(await ask(url, "/ready")).toMatchObject({ status: 200 });
    const leftOver = readFolder(folder.data).filter((name) => name.startsWith("pglite"));
    expect(leftOver).toEqual(["pglite"]);
  });
});

function readFolder(path: string): string[] {
  try {
    return readdirSync(path);
  } catch {
    return [];
  }
}
