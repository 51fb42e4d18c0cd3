import { createTestDatabase } from "@obsqra/db/testing";
import { registerProtocols } from "@obsqra/features";
import { expect, it } from "vitest";
import { protocolsCommand } from "../../src/commands/protocols-command.ts";
import { openServer } from "./open-server.ts";
import { runHere } from "./run-here.ts";
import { runScript } from "./run-script.ts";
import { createTestFolder } from "./spawn-server.ts";

const url = "https://example.org/post-mortem";

it("pnpm protocols works beside a running server on Postgres, and refuses what it does not know", async () => {
  await using database = await createTestDatabase();
  await using folder = await createTestFolder();
  const variables = { DATABASE_URL: database.url ?? "", DATA_DIRECTORY: folder.data };
  const run = (line: string) => runHere(protocolsCommand, line, variables);
  const server = await openServer(folder, variables);
  await using _ = { [Symbol.asyncDispose]: () => server.close() };
  await registerProtocols(server.api);
  expect(await run(`set-status vesu paused --evidence ${url}`)).toMatchObject({ code: 0, err: "" });
  const row = server.api.db.selectFrom("protocols").select("status").where("name", "=", "vesu");
  expect(await row.executeTakeFirst()).toEqual({ status: "paused" });
  expect(await run(`set-status vesuu paused --evidence ${url}`)).toEqual({
    code: 1,
    out: "",
    err: "There is no protocol vesuu. Known: ekubo, nostra, vesu, zklend.\n",
  });
  const broken = ["set-status", "vesu", "broken"];
  expect(await runScript("protocols", broken, { cwd: folder.path, env: variables })).toMatchObject({
    code: 2,
    out: "",
    err: expect.stringMatching(/^There is no status broken[\s\S]*Usage: pnpm protocols/),
  });
  expect(await run("--help")).toMatchObject({
    code: 0,
    out: expect.stringContaining("only active protocols may receive money"),
  });
});
