import { createTestDatabase, withoutRules } from "@obsqra/db/testing";
import { expect, it } from "vitest";
import { accountsCommand } from "../../src/commands/accounts-command.ts";
import type { ServerDependencies } from "../../src/create-dependencies.ts";
import { openServer, signUp } from "./open-server.ts";
import { runHere } from "./run-here.ts";
import { createTestFolder } from "./spawn-server.ts";

/** Changes an event as somebody could who has all rights on the database. */
async function forgeEvent({ api }: ServerDependencies, userId: string): Promise<void> {
  await withoutRules(api.db, async (trx) => {
    await trx
      .updateTable("audit_events")
      .set({ type: "email_verified" })
      .where("user_id", "=", userId)
      .where("type", "=", "registered")
      .execute();
  });
}

it("pnpm accounts signs people out beside a running server, and finds an audit log that somebody has written into", async () => {
  await using database = await createTestDatabase();
  await using folder = await createTestFolder();
  const variables = { DATABASE_URL: database.url ?? "", DATA_DIRECTORY: folder.data };
  const run = (line: string) => runHere(accountsCommand, line, variables);
  const server = await openServer(folder, variables);
  await using _ = { [Symbol.asyncDispose]: () => server.close() };
  const [ada, eve] = [await signUp(server, "ada@example.org"), await signUp(server, "eve@example.org")];
  const { id } = await ada.auth.me();
  const ended = {
    code: 0,
    out: "Will end 1 session of 1 account.\n1 session of 1 account ended.\n",
    err: "",
  };
  expect(await run("end-sessions --email ada@example.org")).toEqual(ended);
  await expect(ada.auth.me()).rejects.toMatchObject({ cause: { code: "TOKEN_INVALID" } });
  expect(await eve.auth.me()).toMatchObject({ email: "eve@example.org" });
  expect(await run("end-sessions --all")).toEqual(ended);
  await expect(eve.auth.me()).rejects.toMatchObject({ cause: { code: "TOKEN_INVALID" } });

  const whole = await run("verify-audit --all");
  expect(whole).toMatchObject({ code: 0, out: expect.stringContaining("2 audit logs checked.") });
  await forgeEvent(server, id);
  const tampered = await run("verify-audit");
  expect(tampered).toMatchObject({ code: 1, err: "" });
  expect(tampered.out).toMatch(
    new RegExp(`^${id}  does not hold at event \\d+: its content was changed\\n[\\s\\S]*1 of 2 do not hold`),
  );
  const other = await run("verify-audit --email eve@example.org");
  expect(other).toMatchObject({ code: 0, out: expect.stringContaining("1 audit log checked.") });
});
