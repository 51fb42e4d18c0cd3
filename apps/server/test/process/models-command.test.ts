import { existsSync } from "node:fs";
import { startPostgres } from "@obsqra/db/testing";
import { writeFixtureCsv } from "@obsqra/market/testing";
import { describe, expect, inject, it } from "vitest";
import { type Ended, runScript } from "./run-script.ts";
import { createTestFolder, signIn, spawnServer, type TestFolder } from "./spawn-server.ts";

/** Runs `pnpm models` with these variables and no others. */
function runModels(folder: TestFolder, variables: Record<string, string>, line: string): Promise<Ended> {
  const env = { DATA_DIRECTORY: folder.data, ...variables };
  return runScript("models", line.split(" "), { cwd: folder.path, env });
}

/** The versions of the yield models that are listed: the live one, and the others. */
function versionsIn(out: string): { live: string; others: string[] } {
  const lines = out.split("\n").filter((line) => /\byield-[0-9a-f]{12}\b/.test(line));
  const versionOf = (line: string) => /\byield-[0-9a-f]{12}\b/.exec(line)?.[0] ?? "";
  const [live = ""] = lines.filter((line) => line.startsWith("*")).map(versionOf);
  return { live, others: lines.map(versionOf).filter((version) => version !== live) };
}

/** Trains twice, the second time on ten more days. */
async function trainTwice(folder: TestFolder, variables: Record<string, string>): Promise<void> {
  for (const days of [80, 90]) {
    await writeFixtureCsv(variables.MARKET_FILE ?? "", { shape: "dex", markets: 3, days, seed: 1 });
    await using server = await spawnServer(folder, variables);
    await server.listening();
    // A week's forecasts of three markets and their protocol, of each kind, and ten days more.
    if (days === 90) expect(server.output()).toMatch(/^8 earlier forecasts have their outcome now\.$/m);
    server.kill("SIGINT");
    expect(await server.exited()).toBe(0);
  }
}

// These processes choose their own database, so once is enough.
describe.runIf(inject("databaseEngine") === "pglite")("pnpm models", () => {
  it("refuses an embedded database that the server is using, and works once that has stopped", async () => {
    await using folder = await createTestFolder("a database");
    const variables = await folder.market("enough");
    await using server = await spawnServer(folder, variables);
    await server.listening();
    const refused = await runModels(folder, variables, "list");
    expect(refused).toMatchObject({ code: 1, out: "" });
    expect(refused.err).toContain("Another process is using the data directory");
    expect(refused.err).toContain("Stop the server first");
    server.kill("SIGINT");
    await server.exited();
    const listed = await runModels(folder, variables, "list");
    expect(listed).toMatchObject({ code: 0, err: "" });
    expect(listed.out).toMatch(
      /^ +version +days +trained .*\n(\* +(risk|yield)-[0-9a-f]{12} .* promoted: first_model .*\n){2}$/,
    );
    const live = await runModels(folder, {}, "live --kind yield");
    expect(live.out).toContain(versionsIn(listed.out).live);
    const earlier = await runModels(folder, variables, "live --at 2020-01-01T00:00:00Z");
    expect(earlier).toMatchObject({ code: 1, out: "" });
    expect(earlier.err).toBe("There is no model of file:enough.csv at 2020-01-01T00:00:00.000Z.\n");
    const back = await runModels(folder, variables, "rollback --kind yield");
    expect(back).toMatchObject({
      code: 1,
      err: expect.stringMatching(/^There is no yield model before yield-/),
    });
  });

  it("changes what a running server forecasts, on Postgres, and back", async () => {
    await using folder = await createTestFolder();
    await using postgres = await startPostgres();
    const variables = { ...(await folder.market("enough")), DATABASE_URL: postgres.url("postgres") };
    await trainTwice(folder, variables);
    await using server = await spawnServer(folder, variables);
    const get = await signIn(await server.listening());
    const forecasts = async () => (await get("/predictions/yield-forecast")).body as Record<string, object>;
    const before = await forecasts();

    const { live, others } = versionsIn((await runModels(folder, variables, "list --kind yield")).out);
    expect(before.model).toMatchObject({ version: live });
    const [other = ""] = others;
    const promoted = await runModels(folder, variables, `promote --kind yield --to ${other}`);
    expect(promoted).toMatchObject({ code: 0, err: "" });
    expect(promoted.out).toContain(`${other} is live now instead of ${live}, with 4 forecasts`);
    const after = await forecasts();
    expect(after.model).toMatchObject({ version: other });
    expect(after.data_source).toEqual(before.data_source);

    const back = await runModels(folder, variables, "rollback --kind yield");
    expect(back).toMatchObject({ code: 0, err: "" });
    expect(await forecasts()).toEqual(before);
    const { items } = (await get("/predictions/models?kind=yield&limit=2")).body as { items: object[] };
    expect(items).toMatchObject([
      { outcome: "rolled_back", reason: "by_operator", model: { version: live }, live_until: null },
      { outcome: "promoted", reason: "by_operator", model: { version: other } },
    ]);
  });

  it("says how it is used, refuses what it cannot understand, and creates no database to look into", async () => {
    await using folder = await createTestFolder();
    expect(await runModels(folder, {}, "--help")).toMatchObject({
      code: 0,
      out: expect.stringContaining("pnpm models rollback --kind KIND"),
      err: "",
    });
    expect(await runModels(folder, {}, "rollback")).toMatchObject({
      code: 2,
      out: "",
      err: expect.stringMatching(/^rollback needs --kind [\s\S]*Usage: pnpm models/),
    });
    const empty = await runModels(folder, {}, "list");
    expect(empty).toMatchObject({
      code: 1,
      out: "",
      err: expect.stringContaining("There is no database in"),
    });
    expect(existsSync(folder.data)).toBe(false);
    const wrong = await runModels(folder, { PREDICTION_WINDOW_DAYS: "soon" }, "list");
    expect(wrong).toMatchObject({ code: 1, out: "", err: expect.stringContaining("PREDICTION_WINDOW_DAYS") });
  });
});
