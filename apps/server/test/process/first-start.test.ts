import { readdirSync } from "node:fs";
import { describe, expect, inject, it, vi } from "vitest";
import { runExample } from "../run-example.ts";
import { ask, createTestFolder, signIn, spawnServer } from "./spawn-server.ts";

// It chooses its own database, so once is enough.
describe.runIf(inject("databaseEngine") === "pglite")("a first start", () => {
  it("picks up where others were killed or interrupted, says what it does, that its figures are made up, and where it serves, and leaves what examples/in-process.ts uses", async () => {
    await using folder = await createTestFolder();
    const variables = { MARKET_SOURCE: "simulated", BACKTEST_WINDOW_DAYS: "14" };
    // In the long form: each makes what the next one goes on with.
    const isResumed = inject("isLong");
    if (isResumed) {
      await using making = await spawnServer(folder, variables);
      await vi.waitUntil(() => readFolder(folder.data).some((name) => name.startsWith("pglite.")), {
        timeout: 120_000,
      });
      making.kill("SIGKILL");
      expect(await making.exited()).toBe("SIGKILL");
    }
    if (isResumed) {
      await using storing = await spawnServer(folder, variables);
      await storing.until(/Storing market history … 25 %/);
      storing.kill("SIGKILL");
      expect(await storing.exited()).toBe("SIGKILL");
    }
    if (isResumed) {
      await using training = await spawnServer(folder, variables);
      await training.until(/Training the models … 0 %/);
      training.kill("SIGINT");
      expect(await training.exited()).toBe(0);
      for (const step of ["Loading market history from simulated", "Storing market history"]) {
        expect(training.output()).toContain(`${step} … 0 %`);
        expect(training.output()).toContain(`${step} … 100 %`);
      }
      expect(training.output()).not.toMatch(/Training the models … 100 %|Error|Health/);
    }
    await using server = await spawnServer(folder, variables);
    const url = await server.listening();
    const output = server.output();
    expect(output.includes("Loading market history")).toBe(!isResumed);
    expect(output).toContain("Training the models … 0 %");
    expect(output).toContain("Training the models … 100 %");
    expect(output).toContain(`Docs     ${url}/docs`);
    expect(output).toContain(`Health   ${url}/health and ${url}/ready`);
    expect(output).toContain("The market data are SIMULATED");
    expect(await ask(url, "/ready")).toMatchObject({ status: 200, body: { status: "ready" } });
    expect(await ask(url, "/health")).toEqual({ status: 200, body: { status: "ok" } });
    const get = await signIn(url);
    expect((await get("/predictions/risk-forecast")).body).toMatchObject({
      data_source: { simulated: true },
    });

    server.kill("SIGTERM");
    expect(await server.exited()).toBe(0);
    const replacements = { ".data/script": folder.data, "../src/": "../../src/" };
    expect(await runExample("in-process.ts", replacements)).toMatch(/\{ .*vesu: [\d.]+.* \} .*Put /);
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
