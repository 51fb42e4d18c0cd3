import { sql } from "kysely";
import { expect, it } from "vitest";
import { createCaller } from "../../root.ts";
import { codeOf, createTestApi, readMails, readNewestToken, type TestApi } from "../../testing/index.ts";

const email = "ada@example.org";
const new_email = "lovelace@example.org";
const password = "correct horse battery";
const new_password = "staple that no horse has";

/** A user who has one link of every kind outstanding, with the links. */
async function startEverything(api: TestApi, address = email) {
  const caller = await api.signUp(address);
  await api.caller().auth.verify_email({ token: await readNewestToken(api, "email_verification") });
  await caller.auth.request_email_change({ new_email: `new-${address}` });
  await api.caller().auth.request_password_reset({ email: address });
  // A confirmed address gets no such link any more; here it has one all the same.
  await api.deps.db
    .updateTable("users")
    .set({ email_verified_at: null })
    .where("email", "=", address)
    .execute();
  await caller.auth.request_email_verification();
  const links = {
    email_verification: await readNewestToken(api, "email_verification"),
    password_reset: await readNewestToken(api, "password_reset"),
    email_change_old: await readNewestToken(api, "email_change_old"),
    email_change_new: await readNewestToken(api, "email_change_new"),
  };
  return { caller, links };
}

/** Every row of every table, as text; bytes are hexadecimal in it. */
async function dump(api: TestApi): Promise<{ table: string; text: string }[]> {
  const tables = await sql<{ name: string }>`select table_name as name from information_schema.tables
    where table_schema = current_schema() and table_type = 'BASE TABLE'`.execute(api.deps.db);
  const rows = await Promise.all(
    tables.rows.map(async ({ name }) => {
      const found = await sql<{ text: string }>`select t::text as text from ${sql.table(name)} t`.execute(
        api.deps.db,
      );
      return found.rows.map(({ text }) => ({ table: name, text }));
    }),
  );
  return rows.flat();
}

it("accepts no link for a purpose that it was not made for, and uses none up that way", async () => {
  await using api = await createTestApi();
  const { links } = await startEverything(api);
  const { auth } = api.caller();
  const uses = {
    email_verification: (token: string) => auth.verify_email({ token }),
    password_reset: (token: string) => auth.reset_password({ token, new_password }),
    email_change: (token: string) => auth.confirm_email_change({ token }),
  };
  for (const [purpose, token] of Object.entries(links)) {
    for (const [use, call] of Object.entries(uses)) {
      if (purpose.startsWith(use)) continue;
      expect(await codeOf(call(token)), `${purpose} for ${use}`).toBe("ONE_TIME_TOKEN_INVALID");
    }
  }
  const left = await api.deps.db.selectFrom("auth_one_time_tokens").select("purpose").execute();
  expect(left.map(({ purpose }) => purpose).sort()).toEqual(Object.keys(links).sort());
});

it("refuses a made-up, an expired, a used and a replaced link alike", async () => {
  await using api = await createTestApi();
  const { links } = await startEverything(api);
  const { auth } = api.caller();
  const replaced = links.password_reset;
  await auth.request_password_reset({ email });
  const used = await readNewestToken(api, "password_reset");
  await auth.reset_password({ token: used, new_password });
  api.clock.advance(60 * 60_000);
  await auth.request_password_reset({ email });
  const expired = await readNewestToken(api, "password_reset");
  api.clock.advance(30 * 60_000);
  const refusals = await Promise.all(
    ["made-up", expired, used, replaced].map((token) =>
      auth.reset_password({ token, new_password }).catch(String),
    ),
  );
  expect(new Set(refusals)).toEqual(
    new Set(["TRPCError: The link is unknown, used, expired or replaced by a newer one. Ask for a new one."]),
  );
});

it("changes nothing of one user with the links of another", async () => {
  await using api = await createTestApi();
  const eve = await startEverything(api, "eve@example.org");
  const ada = await startEverything(api);
  const before = await ada.caller.auth.me();
  await ada.caller.auth.confirm_email_change({ token: eve.links.email_change_old });
  await ada.caller.auth.confirm_email_change({ token: eve.links.email_change_new });
  expect(await ada.caller.auth.me()).toEqual(before);
  expect(await codeOf(api.caller().auth.login({ email, password }))).toBeUndefined();
});

it("stores links as hashes only, and addresses nowhere in plain text but in users", async () => {
  await using api = await createTestApi();
  const { caller, links } = await startEverything(api);
  await caller.auth.change_password({ current_password: password, new_password });
  await caller.auth.request_email_change({ new_email });
  await api.caller().auth.request_password_reset({ email });
  const tokens = await api.caller().auth.login({ email, password: new_password });
  const mails = await readMails(api);
  const secrets = [
    ...mails.flatMap((mail) => ("token" in mail ? [mail.token] : [])),
    ...Object.values(links),
    tokens.access_token,
    tokens.refresh_token,
    password,
    new_password,
    new_email,
    `new-${email}`,
  ];
  const rows = await dump(api);
  expect(rows.length).toBeGreaterThan(20);
  for (const secret of secrets) {
    const bytes = Buffer.from(secret);
    const spellings = [
      secret,
      bytes.toString("hex"),
      bytes.toString("base64").replace(/=+$/, ""),
      Buffer.from(secret, "base64url").toString("hex"),
    ];
    const leaks = rows.filter(({ text }) => spellings.some((spelling) => text.includes(spelling)));
    expect(leaks.map(({ table }) => table)).toEqual([]);
  }
  const withAddress = rows.filter(({ text }) => text.includes(email));
  expect(withAddress.map(({ table }) => table)).toEqual(["users"]);
});

it("writes nothing of a request into the mails, wherever it says it comes from", async () => {
  await using api = await createTestApi();
  const { access_token } = await api.caller().auth.register({ email, password, full_name: "Ada" });
  await api.deps.db.deleteFrom("email_outbox").execute();
  const planted = "planted.example";
  const request = { id: planted, access_token, ip: planted, user_agent: `https://${planted}/` };
  const { auth } = createCaller({ ...api.deps, publicUrl: `https://${planted}`, request });
  await auth.request_password_reset({ email });
  await auth.request_email_verification();
  await auth.request_email_change({ new_email });
  await auth.change_password({ current_password: password, new_password });
  const mails = await readMails(api);
  expect(mails).toHaveLength(5);
  expect(JSON.stringify(mails)).not.toContain(planted);
});
