import { describe, expect, inject, it } from "vitest";
import { transactionsCommand } from "../../src/commands/transactions-command.ts";
import { logTransactions } from "./log-transactions.ts";
import { openServer } from "./open-server.ts";
import { runHere } from "./run-here.ts";
import { createTestFolder } from "./spawn-server.ts";

// It chooses its own database, so once is enough.
describe.runIf(inject("databaseEngine") === "pglite")("pnpm transactions", () => {
  it("checks every log of an embedded database once the server has stopped, or one that is named", async () => {
    await using folder = await createTestFolder("a database");
    const variables = { DATA_DIRECTORY: folder.data };
    const run = (line: string) => runHere(transactionsCommand, line, variables);
    const server = await openServer(folder, {});
    const ada = await logTransactions(server, "ada@example.org", 2);
    const eve = await logTransactions(server, "eve@example.org", 1);
    // That another process is refused is tested with `pnpm accounts`.
    expect(await run("verify")).toMatchObject({
      code: 1,
      out: "",
      err: expect.stringContaining("Stop the server first"),
    });
    await server.close();
    const all = await run("verify");
    expect(all).toMatchObject({ code: 0, err: "" });
    expect(all.out).toMatch(
      new RegExp(
        `^${ada}  2 entries  [0-9a-f]{64}\\n${eve}  1 entry  [0-9a-f]{64}\\nlist of logs  4 logs  [0-9a-f]{64}\\n2 transaction logs checked\\.\\n$`,
      ),
    );
    const [first = "", second = ""] = all.out.split("\n");
    const one = "1 transaction log checked.\n";
    expect((await run("verify Ada@example.org")).out).toBe(`${first}\n${one}`);
    expect((await run(`verify ${eve}`)).out).toBe(`${second}\n${one}`);
  });

  it("says how it is used, and refuses what it cannot understand", async () => {
    expect(await runHere(transactionsCommand, "--help", {})).toMatchObject({
      code: 0,
      out: expect.stringContaining("A log whose newest entries were cut off is shown as incomplete"),
    });
    expect(await runHere(transactionsCommand, "verify ada", {})).toMatchObject({
      code: 2,
      out: "",
      err: expect.stringMatching(/^ada is neither [\s\S]*Usage: pnpm transactions/),
    });
  });
});
