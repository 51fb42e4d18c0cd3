import { readFile, stat, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { findRelationFiles } from "@obsqra/db/testing";
import { describe, expect, inject, it } from "vitest";
import { accountsCommand } from "../../src/commands/accounts-command.ts";
import { transactionsCommand } from "../../src/commands/transactions-command.ts";
import { expectPlainMessage } from "./expect-plain-message.ts";
import { logTransactions } from "./log-transactions.ts";
import { openServer } from "./open-server.ts";
import { runHere } from "./run-here.ts";
import { createTestFolder } from "./spawn-server.ts";
import { startHere } from "./start-here.ts";

const tables = ["users", "audit_events", "transactions", "transaction_statuses", "chained_logs"];

/** A stopped server's folder with the logs of one user, and the files of the tables. */
async function createStoppedFolder() {
  const folder = await createTestFolder("a database");
  const server = await openServer(folder, {});
  await logTransactions(server, "ada@example.org", 2);
  const files = await findRelationFiles(server.api.db);
  await server.close();
  return { ...folder, fileOf: (name: string) => join(folder.data, "pglite", files.get(name) ?? "") };
}

const overwrite = async (file: string) => writeFile(file, Buffer.alloc((await stat(file)).size, 7));

// It chooses its own database, so once is enough.
describe.runIf(inject("databaseEngine") === "pglite")("a database of which one file is damaged", () => {
  it("is refused by the start and every command, by the name of the table that was emptied", async () => {
    await using folder = await createStoppedFolder();
    const variables = { DATA_DIRECTORY: folder.data };
    for (const table of tables) {
      const whole = await readFile(folder.fileOf(table));
      await truncate(folder.fileOf(table), 0);
      const outcomes = [await runHere(transactionsCommand, "verify", variables)];
      if (table === "users") {
        const started = await startHere(folder, { MARKET_SOURCE: "simulated" });
        outcomes.push({ code: started.code, out: "", err: started.output });
        outcomes.push(await runHere(accountsCommand, "verify-audit", variables));
      }
      for (const { code, err } of outcomes) {
        expect([table, code]).toEqual([table, 1]);
        expect(err).toContain(`the file of the table ${table} is empty or gone`);
        expect(err).toContain("Restore it from a backup");
        expectPlainMessage(err);
      }
      await writeFile(folder.fileOf(table), whole);
    }
    expect(await runHere(transactionsCommand, "verify", variables)).toMatchObject({ code: 0 });
  });

  it("ends a command that meets it with a message", async () => {
    await using folder = await createStoppedFolder();
    await overwrite(folder.fileOf("transaction_statuses"));
    const verified = await runHere(transactionsCommand, "verify", { DATA_DIRECTORY: folder.data });
    expect(verified.code).toBe(1);
    expect(verified.err).toMatch(/^The files of the database are damaged: .*(page|block)/);
    expectPlainMessage(verified.err);
  });
});
