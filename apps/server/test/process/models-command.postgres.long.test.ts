import { createTestDatabase } from "@obsqra/db/testing";
import { writeFixtureCsv } from "@obsqra/market/testing";
import { expect, it } from "vitest";
import { modelsCommand } from "../../src/commands/models-command.ts";
import { readEnvironment } from "../../src/env.ts";
import { openApplication } from "../../src/open-application.ts";
import { createConsole } from "../../src/progress.ts";
import { signUp } from "./open-server.ts";
import { runHere } from "./run-here.ts";
import { runScript } from "./run-script.ts";
import { createTestFolder } from "./spawn-server.ts";

/** The versions of the yield models that are listed: the live one, and the others. */
function versionsIn(out: string): { live: string; others: string[] } {
  const lines = out.split("\n").filter((line) => /\byield-[0-9a-f]{24}\b/.test(line));
  const versionOf = (line: string) => /\byield-[0-9a-f]{24}\b/.exec(line)?.[0] ?? "";
  const [live = ""] = lines.filter((line) => line.startsWith("*")).map(versionOf);
  return { live, others: lines.map(versionOf).filter((version) => version !== live) };
}

it("pnpm models changes what a running server forecasts, on Postgres, and back", async () => {
  await using database = await createTestDatabase();
  await using folder = await createTestFolder();
  const variables: Record<string, string> = {
    ...(await folder.market("enough")),
    DATABASE_URL: database.url ?? "",
    DATA_DIRECTORY: folder.data,
  };
  const run = (line: string) => runHere(modelsCommand, line, variables);
  await (await openApplication(readEnvironment(variables)))[Symbol.asyncDispose]();
  // Ten more days, on which the next start trains again.
  await writeFixtureCsv(variables.MARKET_FILE ?? "", { shape: "dex", markets: 3, days: 90, seed: 1 });
  let said = "";
  await using server = await openApplication(readEnvironment(variables), {
    console: createConsole((text) => {
      said += text;
    }),
  });
  // A week's forecasts of three markets and their protocol, of each kind, and ten days more.
  expect(said).toMatch(/^8 earlier forecasts have their outcome now\.$/m);
  const caller = await signUp(server, "ada@example.org");
  const forecasts = () => caller.predictions.yield_forecast();
  const before = await forecasts();

  const { live, others } = versionsIn((await run("list --kind yield")).out);
  expect(before.model).toMatchObject({ version: live });
  const [other = ""] = others;
  const promote = `promote --kind yield --to ${other}`.split(" ");
  const promoted = await runScript("models", promote, { cwd: folder.path, env: variables });
  expect(promoted).toMatchObject({ code: 0, err: "" });
  expect(promoted.out).toContain(`${other} is live now instead of ${live}, with 4 forecasts`);
  const after = await forecasts();
  expect(after.model).toMatchObject({ version: other });
  expect(after.data_source).toEqual(before.data_source);

  const back = await run("rollback --kind yield");
  expect(back).toMatchObject({ code: 0, err: "" });
  expect(await forecasts()).toEqual(before);
  const { items } = await caller.predictions.models({ kind: "yield", limit: 2 });
  expect(items).toMatchObject([
    { outcome: "rolled_back", reason: "by_operator", model: { version: live }, live_until: null },
    { outcome: "promoted", reason: "by_operator", model: { version: other } },
  ]);
});
