import { appendFile } from "node:fs/promises";
import { describe, expect, inject, it } from "vitest";
import { readEnvironment } from "../../src/env.ts";
import { openApplication } from "../../src/open-application.ts";
import { createConsole } from "../../src/progress.ts";
import { signUp } from "./open-server.ts";
import { createTestFolder, type TestFolder } from "./spawn-server.ts";

/** What a start said, and what it serves to a new user. */
async function start(folder: TestFolder, variables: Record<string, string>, email: string) {
  let said = "";
  const write = (text: string) => {
    said += text;
  };
  await using application = await openApplication(
    readEnvironment({ DATA_DIRECTORY: folder.data, ENVIRONMENT: "test", ...variables }),
    { console: createConsole(write) },
  );
  const caller = await signUp(application, email);
  return {
    said,
    history: await caller.analytics.risk_history({ protocol: "fixture-swap", days: 5 }),
    forecasts: await caller.predictions.risk_forecast(),
  };
}

// It chooses its own database, so once is enough.
describe.runIf(inject("databaseEngine") === "pglite")("a market file", () => {
  it("is served without its broken rows, which are counted and named, and trained on until the forecast horizon changes", async () => {
    await using folder = await createTestFolder("a database");
    const market = await folder.market("enough");
    const broken = [
      "nonsense",
      "fixture-dex-1,fixture-swap,Starknet,ETH-T1,yesterday,1,2,3,4",
      "fixture-dex-1,fixture-swap,Starknet,ETH\0,2025-01-01,1,2,3,4",
      "fixture-dex-1,fixture-swap,Starknet,ETH-T1,9999-12-31T23:59:59-05:00,1,2,3,4",
    ];
    await appendFile(market.MARKET_FILE ?? "", `${broken.join("\n")}\n`);

    const first = await start(folder, market, "ada@example.org");
    expect(first.said).toContain("244 rows read: 240 loaded, 4 rejected, 0 duplicates; 3 markets");
    expect(first.said).toMatch(
      /rejected line 242: .+\n +rejected line 243: .+\n +rejected line 244: .+\n +rejected line 245: .+\n/,
    );
    expect(first.history).toMatchObject({ data_source: { name: "file:enough.csv", simulated: false } });
    expect(first.history.items).toHaveLength(5);
    expect(first.forecasts.horizon_days).toBe(7);

    const second = await start(folder, market, "eve@example.org");
    expect(second.said).not.toMatch(/Loading market history|Training the models/);
    expect(second.forecasts).toEqual(first.forecasts);

    const shorter = { ...market, PREDICTION_WINDOW_DAYS: "3" };
    const third = await start(folder, shorter, "joan@example.org");
    expect(third.said).not.toContain("Loading market history");
    expect(third.said).toContain("Training the models");
    expect(third.forecasts.horizon_days).toBe(3);
    expect(third.forecasts.model?.version).not.toBe(first.forecasts.model?.version);
  });
});
