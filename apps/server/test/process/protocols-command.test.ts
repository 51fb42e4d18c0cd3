import { startPostgres } from "@obsqra/db/testing";
import { registerProtocols } from "@obsqra/features";
import { describe, expect, inject, it } from "vitest";
import type { ServerDependencies } from "../../src/create-dependencies.ts";
import { openServer } from "./open-server.ts";
import { type Ended, runScript } from "./run-script.ts";
import { createTestFolder, type TestFolder } from "./spawn-server.ts";

/** Runs `pnpm protocols` with these variables and no others. */
function runProtocols(folder: TestFolder, variables: Record<string, string>, line: string): Promise<Ended> {
  const env = { DATA_DIRECTORY: folder.data, ...variables };
  return runScript("protocols", line.split(" "), { cwd: folder.path, env });
}

/** Does what each start does to the table of protocols, without loading history. */
async function startServer(
  folder: TestFolder,
  variables: Record<string, string> = {},
): Promise<ServerDependencies> {
  const server = await openServer(folder, variables);
  await registerProtocols(server.api);
  return server;
}

const url = "https://example.org/post-mortem";

// These processes choose their own database, so once is enough.
describe.runIf(inject("databaseEngine") === "pglite")("pnpm protocols", () => {
  it("decides about a protocol of an embedded database, and the next start leaves it so", async () => {
    await using folder = await createTestFolder("a database");
    await (await startServer(folder)).close();
    const set = `set-status vesu exploited --evidence ${url} --since 2026-11-01 --reason drained`;
    expect(await runProtocols(folder, {}, set)).toEqual({
      code: 0,
      out: "vesu is exploited (operator) now. Before: active (registry).\n",
      err: "",
    });
    const server = await startServer(folder);
    const row = server.api.db.selectFrom("protocols").select("status").where("name", "=", "vesu");
    expect(await row.executeTakeFirst()).toEqual({ status: "exploited" });
    await server.close();
    const list = await runProtocols(folder, {}, "list");
    expect(list).toMatchObject({ code: 0, err: "" });
    expect(list.out).toMatch(new RegExp(`\nvesu +exploited +operator +2026-11-01T00:00Z +${url}\n`));
    expect(list.out).toMatch(/\nzklend +exploited +registry +2025-02-12T00:00Z +https:/);
    const back = await runProtocols(folder, {}, "set-status vesu registry --reason recovered");
    expect(back.out).toBe("vesu is active (registry) now. Before: exploited (operator).\n");
    const history = (await runProtocols(folder, {}, "history vesu")).out;
    expect(history).toMatch(/by +status [^\n]*\n[^\n]* operator +as the registry says +recovered\n/);
    expect(history).toMatch(
      /operator +exploited +2026-11-01T00:00Z +https:[^\n]* drained\n[^\n]* registry +active /,
    );
  });

  it("works beside a running server on Postgres, and refuses what it does not know", async () => {
    await using folder = await createTestFolder();
    await using postgres = await startPostgres();
    const variables = { DATABASE_URL: postgres.url("postgres") };
    const server = await startServer(folder, variables);
    const set = `set-status vesu paused --evidence ${url}`;
    expect(await runProtocols(folder, variables, set)).toMatchObject({ code: 0, err: "" });
    const row = server.api.db.selectFrom("protocols").select("status").where("name", "=", "vesu");
    expect(await row.executeTakeFirst()).toEqual({ status: "paused" });
    await server.close();
    expect(await runProtocols(folder, variables, `set-status vesuu paused --evidence ${url}`)).toEqual({
      code: 1,
      out: "",
      err: "There is no protocol vesuu. Known: ekubo, nostra, vesu, zklend.\n",
    });
    expect(await runProtocols(folder, variables, "set-status vesu broken")).toMatchObject({
      code: 2,
      out: "",
      err: expect.stringMatching(/^There is no status broken[\s\S]*Usage: pnpm protocols/),
    });
    expect(await runProtocols(folder, variables, "--help")).toMatchObject({
      code: 0,
      out: expect.stringContaining("only active protocols may receive money"),
    });
  });
});
