import { startPostgres } from "@obsqra/db/testing";
import { describe, expect, inject, it } from "vitest";
import type { ServerDependencies } from "../../src/create-dependencies.ts";
import { openServer, signUp } from "./open-server.ts";
import { type Ended, runScript } from "./run-script.ts";
import { createTestFolder, type TestFolder } from "./spawn-server.ts";

/** Runs `pnpm transactions` with these variables and no others. */
function runTransactions(
  folder: TestFolder,
  variables: Record<string, string>,
  line: string,
): Promise<Ended> {
  const env = { DATA_DIRECTORY: folder.data, ...variables };
  return runScript("transactions", line.split(" "), { cwd: folder.path, env });
}

/** A user with so many logged transactions. */
async function logTransactions(server: ServerDependencies, email: string, count: number): Promise<string> {
  const caller = await signUp(server, email);
  for (let number = 1; number <= count; number += 1) {
    await caller.transactions.create({ tx_hash: `0x${number}`, tx_type: "deposit", amount: "1.50" });
  }
  return (await caller.auth.me()).id;
}

/** Logs as somebody could who may write into the database, beside the log. */
async function forgeTransaction({ api }: ServerDependencies, userId: string): Promise<void> {
  const transaction = {
    id: api.createId(),
    owner_id: userId,
    tx_hash: `0x${"f".repeat(64)}`,
    tx_type: "deposit" as const,
    amount: "1000000",
    details: "{}",
    suggestion_id: null,
    created_at: api.clock(),
  };
  await api.db.insertInto("transactions").values(transaction).execute();
}

// These processes choose their own database, so once is enough.
describe.runIf(inject("databaseEngine") === "pglite")("pnpm transactions", () => {
  it("checks every log of an embedded database once the server has stopped, or one that is named", async () => {
    await using folder = await createTestFolder("a database");
    const server = await openServer(folder, {});
    const ada = await logTransactions(server, "ada@example.org", 2);
    const eve = await logTransactions(server, "eve@example.org", 1);
    expect(await runTransactions(folder, {}, "verify")).toMatchObject({
      code: 1,
      out: "",
      err: expect.stringContaining("Stop the server first"),
    });
    await server.close();
    const all = await runTransactions(folder, {}, "verify");
    expect(all).toMatchObject({ code: 0, err: "" });
    expect(all.out).toMatch(
      new RegExp(
        `^${ada}  2 entries  [0-9a-f]{64}\\n${eve}  1 entry  [0-9a-f]{64}\\n2 transaction logs checked\\.\\n$`,
      ),
    );
    const [first = "", second = ""] = all.out.split("\n");
    const one = "1 transaction log checked.\n";
    expect((await runTransactions(folder, {}, "verify Ada@example.org")).out).toBe(`${first}\n${one}`);
    expect((await runTransactions(folder, {}, `verify ${eve}`)).out).toBe(`${second}\n${one}`);
  });

  it("finds, beside a running server, a transaction that somebody has written past the log", async () => {
    await using folder = await createTestFolder();
    await using postgres = await startPostgres();
    const variables = { DATABASE_URL: postgres.url("postgres") };
    const server = await openServer(folder, variables);
    const ada = await logTransactions(server, "ada@example.org", 2);
    await logTransactions(server, "eve@example.org", 1);
    await forgeTransaction(server, ada);
    const tampered = await runTransactions(folder, variables, "verify");
    expect(tampered).toMatchObject({ code: 1, err: "" });
    expect(tampered.out).toContain(`${ada}  does not hold at entry 3: an entry is missing there\n`);
    expect(tampered.out).toContain("1 of 2 do not hold.\n");
    expect(await runTransactions(folder, variables, "verify eve@example.org")).toMatchObject({ code: 0 });
    await server.close();
  });

  it("says how it is used, refuses what it cannot understand, and names an account that is not there", async () => {
    await using folder = await createTestFolder("a database");
    await (await openServer(folder, {})).close();
    expect(await runTransactions(folder, {}, "--help")).toMatchObject({
      code: 0,
      out: expect.stringContaining("A chain cannot tell that its newest entries were cut off."),
    });
    expect(await runTransactions(folder, {}, "verify ada")).toMatchObject({
      code: 2,
      out: "",
      err: expect.stringMatching(/^ada is neither [\s\S]*Usage: pnpm transactions/),
    });
    const id = "019bc186-de00-7000-8000-a19af8b2bbf6";
    expect(await runTransactions(folder, {}, `verify ${id}`)).toEqual({
      code: 1,
      out: "",
      err: `No account has the id ${id}.\n`,
    });
  });
});
