import { createTestDatabase } from "@obsqra/db/testing";
import { registerProtocols } from "@obsqra/features";
import { describe, expect, it } from "vitest";
import { protocolsCommand } from "../../src/commands/protocols-command.ts";
import { openServer } from "./open-server.ts";
import { runHere } from "./run-here.ts";
import { createTestFolder } from "./spawn-server.ts";

const url = "https://example.org/post-mortem";

// To open a data directory for each command would cost most of it; that commands do is tested with `pnpm accounts`.
describe("pnpm protocols", () => {
  it("decides about a protocol, and the next start leaves it so", async () => {
    await using database = await createTestDatabase();
    await using folder = await createTestFolder();
    const variables = { DATA_DIRECTORY: folder.data, DATABASE_URL: database.url ?? "" };
    const run = (line: string) => runHere(protocolsCommand, line, variables);
    /** Does what each start does to the table of protocols, without loading history. */
    const startAndStop = async () => {
      const server = await openServer(folder, variables);
      await registerProtocols(server.api);
      const row = server.api.db.selectFrom("protocols").select("status").where("name", "=", "vesu");
      const found = await row.executeTakeFirst();
      await server.close();
      return found;
    };
    await startAndStop();
    const set = `set-status vesu exploited --evidence ${url} --since 2025-11-01 --reason drained`;
    expect(await run(set)).toEqual({
      code: 0,
      out: `Will make vesu exploited by decision of an operator, from active (registry): since 2025-11-01T00:00Z, by the evidence of ${url}.
vesu is exploited (operator) now. Before: active (registry).
`,
      err: "",
    });
    expect(await startAndStop()).toEqual({ status: "exploited" });
    const ahead = await run(`set-status vesu paused --evidence ${url} --since 9999-01-01`);
    expect(ahead).toMatchObject({ code: 1, out: "" });
    expect(ahead.err).toContain("9999-01-01T00:00:00.000Z is in the future");
    const list = await run("list");
    expect(list).toMatchObject({ code: 0, err: "" });
    expect(list.out).toMatch(new RegExp(`\nvesu +exploited +operator +2025-11-01T00:00Z +${url}\n`));
    expect(list.out).toMatch(/\nzklend +exploited +registry +2025-02-12T00:00Z +https:/);
    const told = await run("set-status vesu registry --dry-run");
    expect(told.out).toContain("Nothing was changed.");
    expect((await run("list")).out).toBe(list.out);
    const back = await run("set-status vesu registry --reason recovered");
    expect(back.out).toBe(
      `Will hand the status of vesu back to the registry, from exploited (operator).
vesu is active (registry) now. Before: exploited (operator).
`,
    );
    const history = (await run("history vesu")).out;
    expect(history).toMatch(/by +status [^\n]*\n[^\n]* operator +as the registry says +recovered\n/);
    expect(history).toMatch(
      /operator +exploited +2025-11-01T00:00Z +https:[^\n]* drained\n[^\n]* registry +active /,
    );
    expect((await run("set-kind vesu dex --reason pools")).out).toBe(
      `Will take all markets of vesu for dex (operator), from what the feed shows: from the next market.refresh on.
The markets of vesu are taken for dex (operator) from the next market.refresh on.
`,
    );
    expect((await run("kinds")).out).toMatch(/\nvesu +0 +0 +0 +dex +[^ ]+ +pools\n/);
    await run("set-kind vesu feed");
    expect((await run("set-kind vesu feed")).err).toContain("No operator has said of what kind");
    expect((await run("kinds")).out).toMatch(/\nvesu +0 +0 +0\s*\n/);
  });
});
