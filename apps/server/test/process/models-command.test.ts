import { existsSync } from "node:fs";
import { describe, expect, inject, it } from "vitest";
import { modelsCommand } from "../../src/commands/models-command.ts";
import { openServer } from "./open-server.ts";
import { runHere } from "./run-here.ts";
import { runScript } from "./run-script.ts";
import { createTestFolder } from "./spawn-server.ts";

// It chooses its own database, so once is enough.
describe.runIf(inject("databaseEngine") === "pglite")("pnpm models", () => {
  it("refuses an embedded database that the server is using, and works once that has stopped", async () => {
    await using folder = await createTestFolder("forecasts");
    const variables = { DATA_DIRECTORY: folder.data, MARKET_SOURCE: "simulated" };
    const run = (line: string) => runHere(modelsCommand, line, variables);
    const server = await openServer(folder, {});
    // That another process is refused is tested with `pnpm accounts`.
    const refused = await run("list");
    expect(refused).toMatchObject({ code: 1, out: "" });
    expect(refused.err).toContain("Another process is using the data directory");
    expect(refused.err).toContain("Stop the server first");
    await server.close();
    const listed = await runScript("models", ["list"], { cwd: folder.path, env: variables });
    expect(listed).toMatchObject({ code: 0, err: "" });
    expect(listed.out).toMatch(
      /^ +version +days +trained .*\n(\* +(risk|yield)-[0-9a-f]{24} .* promoted: first_model .*\n){2}$/,
    );
    // Without a market source, that which was served last.
    const live = await runHere(modelsCommand, "live --kind yield", { DATA_DIRECTORY: folder.data });
    expect(listed.out).toContain(/\byield-[0-9a-f]{24}\b/.exec(live.out)?.[0]);
    const earlier = await run("live --at 2020-01-01T00:00:00Z");
    expect(earlier).toMatchObject({ code: 1, out: "" });
    expect(earlier.err).toBe("There is no model of simulated at 2020-01-01T00:00:00.000Z.\n");
    const back = await run("rollback --kind yield");
    expect(back).toMatchObject({
      code: 1,
      err: expect.stringMatching(/^There is no yield model before yield-/),
    });
  });

  it("says how it is used, refuses what it cannot understand, and creates no database to look into", async () => {
    await using folder = await createTestFolder();
    const variables = { DATA_DIRECTORY: folder.data };
    const run = (line: string, more: Record<string, string> = {}) =>
      runHere(modelsCommand, line, { ...variables, ...more });
    expect(await run("--help")).toMatchObject({
      code: 0,
      out: expect.stringContaining("pnpm models rollback --kind KIND"),
      err: "",
    });
    expect(await runScript("models", ["rollback"], { cwd: folder.path, env: variables })).toMatchObject({
      code: 2,
      out: "",
      err: expect.stringMatching(/^rollback needs --kind [\s\S]*Usage: pnpm models/),
    });
    const empty = await run("list");
    expect(empty).toMatchObject({
      code: 1,
      out: "",
      err: expect.stringContaining("There is no database in"),
    });
    expect(existsSync(folder.data)).toBe(false);
    const wrong = await run("list", { PREDICTION_WINDOW_DAYS: "soon" });
    expect(wrong).toMatchObject({ code: 1, out: "", err: expect.stringContaining("PREDICTION_WINDOW_DAYS") });
  });
});
