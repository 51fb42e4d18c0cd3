import { expect, it } from "vitest";
import { askForReset, codeOf, createTestApi, type TestApi } from "../../testing/index.ts";

const ada = { email: "ada@example.org", password: "correct horse battery", full_name: "Ada" };

async function endedSessions({ deps }: TestApi): Promise<string[]> {
  const rows = await deps.db
    .selectFrom("auth_sessions")
    .select(["id", "user_id", "revoke_reason"])
    .where("revoked_at", "is not", null)
    .execute();
  return rows.map((row) => JSON.stringify([row.id, row.user_id, row.revoke_reason])).sort();
}

async function eventsOfSessions({ deps }: TestApi): Promise<string[]> {
  const rows = await deps.db
    .selectFrom("events")
    .select(["subject", "owner_id", "payload"])
    .where("type", "=", "session.ended")
    .execute();
  return rows.map((row) => {
    const { user_id, reason } = row.payload as { user_id: string; reason: string };
    expect(user_id).toBe(row.owner_id);
    return JSON.stringify([row.subject, user_id, reason]);
  });
}

it("tells once of every session that has ended, and why, in the words that are stored with it", async () => {
  await using api = await createTestApi();
  const nobody = api.caller();
  const logIn = async (password: string) => nobody.auth.login({ email: ada.email, password });
  const first = await nobody.auth.register(ada);
  await api.signUp("eve@example.org");
  const reasons = async () => new Set((await endedSessions(api)).map((row) => JSON.parse(row)[2]));

  await api.caller((await logIn(ada.password)).access_token).auth.logout();
  const { access_token } = await api
    .caller(first.access_token)
    .auth.reauthenticate({ password: ada.password });
  const caller = api.caller(access_token);
  await logIn(ada.password);
  const other = (await caller.auth.sessions()).items.find(({ is_current }) => !is_current);
  await caller.auth.revoke_session({ session_id: other?.id ?? "none" });
  const { refresh_token } = await logIn(ada.password);
  await nobody.auth.refresh({ refresh_token });
  api.clock.advance(10_001);
  expect(await codeOf(nobody.auth.refresh({ refresh_token }))).toBe("REFRESH_TOKEN_INVALID");
  expect(await codeOf(nobody.auth.refresh({ refresh_token }))).toBe("REFRESH_TOKEN_INVALID");
  await logIn(ada.password);
  await logIn(ada.password);
  const next = "another horse battery";
  await caller.auth.change_password({ current_password: ada.password, new_password: next });
  await nobody.auth.reset_password({ token: await askForReset(api, ada.email), new_password: ada.password });
  await api.caller((await logIn(ada.password)).access_token).auth.logout_everywhere();
  await api.caller((await logIn(ada.password)).access_token).users.schedule_deletion();

  expect(await reasons()).toEqual(
    new Set([
      "logged out",
      "replaced",
      "revoked by the user",
      "refresh token replayed",
      "password changed",
      "password reset",
      "logged out everywhere",
      "deletion scheduled",
    ]),
  );
  expect((await eventsOfSessions(api)).sort()).toEqual(await endedSessions(api));
});

it("tells of sessions that end together in the order in which they began, however their rows lie", async () => {
  await using api = await createTestApi();
  const { access_token } = await api.caller().auth.register(ada);
  for (const _ of [1, 2, 3]) await api.caller().auth.login(ada);
  const began = (await api.deps.db.selectFrom("auth_sessions").select("id").orderBy("id").execute()).map(
    ({ id }) => id,
  );
  // What is written anew lies behind the others.
  const [first = ""] = began;
  await api.deps.db
    .updateTable("auth_sessions")
    .set({ user_agent: "another" })
    .where("id", "=", first)
    .execute();
  await api.caller(access_token).auth.logout_everywhere();
  const told = await api.deps.db
    .selectFrom("events")
    .select("subject")
    .where("type", "=", "session.ended")
    .orderBy("sequence")
    .execute();
  expect(told.map(({ subject }) => subject)).toEqual(began);
});
