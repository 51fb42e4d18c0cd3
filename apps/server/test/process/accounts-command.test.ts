import { existsSync } from "node:fs";
import { describe, expect, inject, it } from "vitest";
import { accountsCommand } from "../../src/commands/accounts-command.ts";
import { openServer, signUp } from "./open-server.ts";
import { runHere } from "./run-here.ts";
import { runScript } from "./run-script.ts";
import { createTestFolder } from "./spawn-server.ts";

// It chooses its own database, so once is enough.
describe.runIf(inject("databaseEngine") === "pglite")("pnpm accounts", () => {
  it("works on an embedded database once the server has stopped", async () => {
    await using folder = await createTestFolder("a database");
    const variables = { DATA_DIRECTORY: folder.data };
    const run = (line: string) => runHere(accountsCommand, line, variables);
    const server = await openServer(folder, {});
    const caller = await signUp(server, "ada@example.org");
    const { id } = await caller.auth.me();
    await caller.users.update_profile({ full_name: "Ada King" });
    // In another process, which is what is refused.
    const refused = await runScript("accounts", ["verify-audit"], { cwd: folder.path, env: variables });
    expect(refused).toMatchObject({
      code: 1,
      out: "",
      err: expect.stringContaining("Stop the server first"),
    });
    await server.close();
    const verified = await run("verify-audit");
    expect(verified).toMatchObject({ code: 0, err: "" });
    expect(verified.out).toMatch(
      new RegExp(
        `^${id}  \\d+ events?  [0-9a-f]{64}\\nlist of logs  1 log  [0-9a-f]{64}\\n1 audit log checked\\.\\n$`,
      ),
    );
    const told = await run("end-sessions --all --dry-run");
    expect(told).toEqual({
      code: 0,
      out: "Will end 1 session of 1 account.\nNothing was changed.\n",
      err: "",
    });
  });

  // Each run opens the database anew; what the commands do is the same on one that is open already.
  it.runIf(inject("isLong"))("ends sessions, gives plans, and makes operators, and says so", async () => {
    await using folder = await createTestFolder("a database");
    const run = (line: string) => runHere(accountsCommand, line, { DATA_DIRECTORY: folder.data });
    const server = await openServer(folder, {});
    await signUp(server, "ada@example.org");
    await server.close();
    const ended = await run("end-sessions --email Ada@example.org");
    expect(ended).toEqual({
      code: 0,
      out: "Will end 1 session of 1 account.\n1 session of 1 account ended.\n",
      err: "",
    });
    const again = await run("end-sessions --all");
    expect(again).toEqual({
      code: 0,
      out: "Will end 0 sessions of 0 accounts.\n0 sessions of 0 accounts ended.\n",
      err: "",
    });
    const untouched = await run("set-plan --email Ada@example.org --plan pro --dry-run");
    const intent = "Will give ada@example.org the plan pro instead of free.\n";
    expect(untouched).toEqual({ code: 0, out: `${intent}Nothing was changed.\n`, err: "" });
    const planned = await run("set-plan --email Ada@example.org --plan pro --yes");
    expect(planned).toEqual({ code: 0, out: `${intent}ada@example.org has the plan pro now.\n`, err: "" });
    const granted = await run("grant-operator --email Ada@example.org");
    expect(granted).toMatchObject({
      code: 0,
      out: "Will make ada@example.org an operator.\nada@example.org is an operator now.\n",
    });
    expect((await run("grant-operator --email ada@example.org")).out).toBe(
      "ada@example.org is an operator already.\n",
    );
    expect((await run("withdraw-operator --email ada@example.org")).out).toContain(
      "ada@example.org is no operator any more.\n",
    );
    const nobody = await run("end-sessions --email nobody@example.org");
    expect(nobody).toEqual({ code: 1, out: "", err: "No account has the address nobody@example.org.\n" });
  });

  it("says how it is used, refuses what it cannot understand, and creates no database to look into", async () => {
    await using folder = await createTestFolder();
    const variables = { DATA_DIRECTORY: folder.data };
    expect(await runHere(accountsCommand, "--help", variables)).toMatchObject({
      code: 0,
      out: expect.stringContaining("pnpm accounts end-sessions"),
      err: "",
    });
    expect(await runHere(accountsCommand, "end-sessions", variables)).toMatchObject({
      code: 2,
      out: "",
      err: expect.stringMatching(/^end-sessions needs --email [\s\S]*Usage: pnpm accounts/),
    });
    expect(await runHere(accountsCommand, "verify-audit --dry-run", variables)).toMatchObject({
      code: 2,
      err: expect.stringContaining("Nothing is changed by that: it does not take --dry-run."),
    });
    const empty = await runHere(accountsCommand, "verify-audit", variables);
    expect(empty).toMatchObject({
      code: 1,
      out: "",
      err: expect.stringContaining("There is no database in"),
    });
    expect(existsSync(folder.data)).toBe(false);
  });
});
