import { existsSync } from "node:fs";
import { startPostgres } from "@obsqra/db/testing";
import { describe, expect, inject, it } from "vitest";
import type { ServerDependencies } from "../../src/create-dependencies.ts";
import { openServer, signUp } from "./open-server.ts";
import { type Ended, runScript } from "./run-script.ts";
import { createTestFolder, type TestFolder } from "./spawn-server.ts";

/** Runs `pnpm accounts` with these variables and no others. */
function runAccounts(folder: TestFolder, variables: Record<string, string>, line: string): Promise<Ended> {
  const env = { DATA_DIRECTORY: folder.data, ...variables };
  return runScript("accounts", line.split(" "), { cwd: folder.path, env });
}

/** Adds an event as somebody could who may write into the database, but does not know how contents are hashed. */
async function forgeEvent({ api }: ServerDependencies, userId: string): Promise<void> {
  const event = {
    id: api.createId(),
    user_id: userId,
    type: "email_verified",
    occurred_at: api.clock(),
    ip: null,
    user_agent: null,
    details: "{}",
    salt: api.randomBytes(16),
    content_hash: api.randomBytes(32),
  };
  await api.db.insertInto("audit_events").values(event).execute();
}

// These processes choose their own database, so once is enough.
describe.runIf(inject("databaseEngine") === "pglite")("pnpm accounts", () => {
  it("works on an embedded database once the server has stopped", async () => {
    await using folder = await createTestFolder("a database");
    const server = await openServer(folder, {});
    const caller = await signUp(server, "ada@example.org");
    const { id } = await caller.auth.me();
    await caller.users.update_profile({ full_name: "Ada King" });
    const refused = await runAccounts(folder, {}, "verify-audit");
    expect(refused).toMatchObject({
      code: 1,
      out: "",
      err: expect.stringContaining("Stop the server first"),
    });
    await server.close();
    const verified = await runAccounts(folder, {}, "verify-audit");
    expect(verified).toMatchObject({ code: 0, err: "" });
    expect(verified.out).toMatch(
      new RegExp(`^${id}  \\d+ events?  [0-9a-f]{64}\\n1 audit log checked\\.\\n$`),
    );
    const ended = await runAccounts(folder, {}, "end-sessions --email Ada@example.org");
    expect(ended).toEqual({ code: 0, out: "1 session of 1 account ended.\n", err: "" });
    const again = await runAccounts(folder, {}, "end-sessions --all");
    expect(again).toEqual({ code: 0, out: "0 sessions of 0 accounts ended.\n", err: "" });
    const planned = await runAccounts(folder, {}, "set-plan --email Ada@example.org --plan pro");
    expect(planned).toEqual({ code: 0, out: "ada@example.org has the plan pro now.\n", err: "" });
  });

  it("signs people out beside a running server, and finds an audit log that somebody has written into", async () => {
    await using folder = await createTestFolder();
    await using postgres = await startPostgres();
    const variables = { DATABASE_URL: postgres.url("postgres") };
    const server = await openServer(folder, variables);
    const [ada, eve] = [await signUp(server, "ada@example.org"), await signUp(server, "eve@example.org")];
    const { id } = await ada.auth.me();
    const one = await runAccounts(folder, variables, "end-sessions --email ada@example.org");
    expect(one).toEqual({ code: 0, out: "1 session of 1 account ended.\n", err: "" });
    await expect(ada.auth.me()).rejects.toMatchObject({ cause: { code: "TOKEN_INVALID" } });
    expect(await eve.auth.me()).toMatchObject({ email: "eve@example.org" });
    const all = await runAccounts(folder, variables, "end-sessions --all");
    expect(all).toEqual({ code: 0, out: "1 session of 1 account ended.\n", err: "" });
    await expect(eve.auth.me()).rejects.toMatchObject({ cause: { code: "TOKEN_INVALID" } });

    const whole = await runAccounts(folder, variables, "verify-audit --all");
    expect(whole).toMatchObject({ code: 0, out: expect.stringContaining("2 audit logs checked.") });
    await forgeEvent(server, id);
    const tampered = await runAccounts(folder, variables, "verify-audit");
    expect(tampered).toMatchObject({ code: 1, err: "" });
    expect(tampered.out).toMatch(
      new RegExp(
        `^${id}  does not hold at event \\d+: its content was changed\\n[\\s\\S]*1 of 2 do not hold`,
      ),
    );
    const other = await runAccounts(folder, variables, "verify-audit --email eve@example.org");
    expect(other).toMatchObject({ code: 0, out: expect.stringContaining("1 audit log checked.") });
    await server.close();
  });

  it("says how it is used, refuses what it cannot understand, and creates no database to look into", async () => {
    await using folder = await createTestFolder();
    expect(await runAccounts(folder, {}, "--help")).toMatchObject({
      code: 0,
      out: expect.stringContaining("pnpm accounts end-sessions"),
      err: "",
    });
    expect(await runAccounts(folder, {}, "end-sessions")).toMatchObject({
      code: 2,
      out: "",
      err: expect.stringMatching(/^end-sessions needs --email [\s\S]*Usage: pnpm accounts/),
    });
    const empty = await runAccounts(folder, {}, "verify-audit");
    expect(empty).toMatchObject({
      code: 1,
      out: "",
      err: expect.stringContaining("There is no database in"),
    });
    expect(existsSync(folder.data)).toBe(false);
  });

  it("says so when no account has the address", async () => {
    await using folder = await createTestFolder("a database");
    await (await openServer(folder, {})).close();
    const nobody = await runAccounts(folder, {}, "end-sessions --email nobody@example.org");
    expect(nobody).toEqual({ code: 1, out: "", err: "No account has the address nobody@example.org.\n" });
  });
});
