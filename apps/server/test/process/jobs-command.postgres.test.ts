import { writeFile } from "node:fs/promises";
import { createTestDatabase } from "@obsqra/db/testing";
import { describe, expect, it } from "vitest";
import { jobsCommand } from "../../src/commands/jobs-command.ts";
import { runHere } from "./run-here.ts";
import { createTestFolder } from "./spawn-server.ts";

// To open a data directory for each command would cost most of it; that commands do is tested with `pnpm accounts`.
describe("pnpm jobs", () => {
  it("runs a job and those that follow, and shows what came of them", async () => {
    await using database = await createTestDatabase();
    await using folder = await createTestFolder();
    const market = await folder.market("too little");
    const variables = { DATA_DIRECTORY: folder.data, DATABASE_URL: database.url ?? "", ...market };
    const run = (line: string) => runHere(jobsCommand, line, variables);
    expect((await run("list")).out).toMatch(/\nmarket\.refresh +\d{4}-\S+Z +never +Loads what /);
    const ran = await run("run market.refresh --accept");
    expect(ran).toMatchObject({ code: 0, err: "" });
    expect(ran.out).toMatch(
      /^Will run market\.refresh now, and take what the market source has as it is\.\njob +state +at +took +repeated +result\n/,
    );
    expect(ran.out).toMatch(
      /\nmarket\.refresh +done +\S+Z +\S+ s +0 +\{"outcome":"imported",.*\npredictions\.renew +done +.*not_enough_history/,
    );
    const failed = await run("run predictions.train");
    expect(failed.code).toBe(1);
    expect(failed.out).toMatch(/\npredictions\.train +failed, again at \S+Z /);
    expect((await run("history predictions.train")).out).toMatch(/\npredictions\.train +failed, again at /);
    expect((await run("retry predictions.train")).out).toContain("It begins with the next look");
    await writeFile(market.MARKET_FILE ?? "", "");
    const refused = await run("run market.refresh");
    expect(refused.code).toBe(1);
    expect(refused.out).toContain("The market data file is empty.");
  });

  it("pauses a job and goes on, once it has said so", async () => {
    await using database = await createTestDatabase();
    await using folder = await createTestFolder();
    const variables = {
      DATA_DIRECTORY: folder.data,
      DATABASE_URL: database.url ?? "",
      ...(await folder.market("too little")),
    };
    const run = async (line: string) => (await runHere(jobsCommand, line, variables)).out;
    expect(await run("pause retention.clean_up --dry-run")).toContain("Nothing was changed.");
    await run("pause retention.clean_up");
    expect(await run("list")).toMatch(/\nretention\.clean_up +paused /);
    await run("resume retention.clean_up");
    expect(await run("list")).toMatch(/\nretention\.clean_up +\d{4}-/);
    expect(await run("retry retention.clean_up")).toContain("No run of retention.clean_up waits.");
    expect(await run("history retention.clean_up")).toBe("It has not run yet.\n");
  });

  it.each([
    ["", "Say what to do: "],
    ["dance", "There is no command dance"],
    ["run", "run needs the NAME of a job."],
    ["run market.refresh now", "What is now for? Options start with --."],
    ["run market", "There is no job market: there are market.refresh, "],
    ["list --all", "Unknown option '--all'"],
    ["list --accept", "list does not take --accept"],
    ["run predictions.train --accept", "--accept goes with run market.refresh only."],
  ])("does not take %j", async (line, message) => {
    const { code, err } = await runHere(jobsCommand, line, {});
    expect(code).toBe(2);
    expect(err).toContain(message);
  });
});
