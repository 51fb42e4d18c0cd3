import { sql } from "kysely";
import { expect, it } from "vitest";
import {
  addTestMember,
  codeOf,
  createTestApi,
  foundOrganisation,
  type TestApi,
} from "../../testing/index.ts";

/** Has a call for an organisation wait before it commits: for its audit log, which it writes last. */
async function duringCallFor(
  { deps: { db } }: TestApi,
  { organisation, call }: { readonly organisation: string; readonly call: () => Promise<unknown> },
  meanwhile: () => Promise<unknown>,
): Promise<unknown[]> {
  const { promise, resolve } = Promise.withResolvers<Promise<unknown>[]>();
  await db.transaction().execute(async (trx) => {
    await trx
      .selectFrom("chained_logs")
      .select("log")
      .where("owner_id", "=", organisation)
      .forUpdate()
      .execute();
    const first = call();
    while ((await countWaiting()) < 1) {}
    let isDone = false;
    const second = meanwhile().finally(() => {
      isDone = true;
    });
    while (!isDone && (await countWaiting()) < 2) {}
    resolve([first, second]);
    async function countWaiting(): Promise<number> {
      // Who is connected is read once in a transaction, unless it is forgotten.
      await sql`select pg_stat_clear_snapshot()`.execute(trx);
      // Of this database: other tests use the same server.
      const { rows } = await sql`select distinct pid from pg_locks join pg_stat_activity using (pid)
        where not granted and datname = current_database()`.execute(trx);
      return rows.length;
    }
  });
  return Promise.all(await promise);
}

// PGlite has one connection: nothing happens at once there.

it("is not left by an account that is just becoming its owner", async () => {
  await using api = await createTestApi();
  const full_name = "Ada";
  const founder = { email: "ada@example.org", password: "correct horse battery", full_name };
  const { access_token } = await api.caller().auth.register(founder);
  const id = await foundOrganisation(api, access_token);
  const { organisations } = api.caller(access_token, { owner: id });
  const heir = await addTestMember(api, id, "viewer");
  const transfer = () => codeOf(organisations.transfer({ user_id: heir.userId }));
  const leave = () => codeOf(api.caller(heir.accessToken).users.schedule_deletion());
  expect(await duringCallFor(api, { organisation: id, call: transfer }, leave)).toEqual([
    undefined,
    "LAST_OWNER",
  ]);
  const member = await organisations.members({ sort: "newest" });
  expect(member.items).toMatchObject([{ user_id: heir.userId, role: "owner" }, { role: "admin" }]);
});
