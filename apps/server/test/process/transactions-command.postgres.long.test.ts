import { createTestDatabase } from "@obsqra/db/testing";
import { expect, it } from "vitest";
import { transactionsCommand } from "../../src/commands/transactions-command.ts";
import type { ServerDependencies } from "../../src/create-dependencies.ts";
import { logTransactions } from "./log-transactions.ts";
import { openServer } from "./open-server.ts";
import { runHere } from "./run-here.ts";
import { runScript } from "./run-script.ts";
import { createTestFolder } from "./spawn-server.ts";

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

it("pnpm transactions finds, beside a running server, a transaction that somebody has written past the log", async () => {
  await using database = await createTestDatabase();
  await using folder = await createTestFolder();
  const variables = { DATABASE_URL: database.url ?? "", DATA_DIRECTORY: folder.data };
  const run = (line: string) => runHere(transactionsCommand, line, variables);
  const server = await openServer(folder, variables);
  await using _ = { [Symbol.asyncDispose]: () => server.close() };
  const ada = await logTransactions(server, "ada@example.org", 2);
  await logTransactions(server, "eve@example.org", 1);
  await forgeTransaction(server, ada);
  const tampered = await runScript("transactions", ["verify"], { cwd: folder.path, env: variables });
  expect(tampered).toMatchObject({ code: 1, err: "" });
  expect(tampered.out).toContain(`${ada}  does not hold at entry 3: an entry is missing there\n`);
  expect(tampered.out).toContain("1 of 2 do not hold.\n");
  expect(await run("verify eve@example.org")).toMatchObject({ code: 0 });
  const id = "019bc186-de00-7000-8000-a19af8b2bbf6";
  expect(await run(`verify ${id}`)).toEqual({
    code: 1,
    out: "",
    err: `No account has the id ${id}.\n`,
  });
});
