import { expect, it } from "vitest";
import { codeOf, createTestApi, logIn, readEvents, type TestApi } from "../../testing/index.ts";

const minuteMs = 60_000;
const email = "ada@example.org";
const password = "correct horse battery";

async function currentId(caller: ReturnType<TestApi["caller"]>): Promise<string> {
  const { items } = await caller.auth.sessions();
  return items.find((session) => session.is_current)?.id ?? "none";
}

it("lists where a user is signed in, newest first, with device and last use, and which session asks", async () => {
  await using api = await createTestApi();
  const first = await api.signUp(email);
  api.clock.advance(5 * minuteMs);
  const second = await logIn(api, { email });
  expect(await first.auth.sessions()).toEqual({
    items: [
      {
        id: expect.any(String),
        is_current: false,
        ip: "127.0.0.1",
        user_agent: "test",
        created_at: "2026-01-15T12:05:00.000Z",
        last_used_at: "2026-01-15T12:05:00.000Z",
        expires_at: "2026-03-16T12:05:00.000Z",
      },
      {
        id: expect.any(String),
        is_current: true,
        ip: "127.0.0.1",
        user_agent: "test",
        created_at: "2026-01-15T12:00:00.000Z",
        last_used_at: "2026-01-15T12:05:00.000Z",
        expires_at: "2026-03-16T12:00:00.000Z",
      },
    ],
    next_cursor: null,
  });
  expect((await second.caller.auth.sessions()).items.map((session) => session.is_current)).toEqual([
    true,
    false,
  ]);
});

it("pages through sessions without repeating or leaving out any, while new ones begin", async () => {
  await using api = await createTestApi();
  const ada = await api.signUp(email);
  for (let count = 0; count < 4; count++) await logIn(api, { email });
  const all = (await ada.auth.sessions()).items.map(({ id }) => id);
  const first = await ada.auth.sessions({ limit: 2 });
  await logIn(api, { email });
  const second = await ada.auth.sessions({ limit: 2, cursor: first.next_cursor ?? "" });
  const third = await ada.auth.sessions({ limit: 2, cursor: second.next_cursor ?? "" });
  expect([first, second, third].flatMap(({ items }) => items.map(({ id }) => id))).toEqual(all);
  expect(third.next_cursor).toBeNull();
});

it("refuses a cursor that is not one of this list", async () => {
  await using api = await createTestApi();
  const ada = await api.signUp(email);
  expect(await codeOf(ada.auth.sessions({ cursor: "nonsense" }))).toBe("CURSOR_INVALID");
});

it("lists neither sessions that have ended or expired nor those of others", async () => {
  await using api = await createTestApi();
  await api.signUp(email);
  await api.signUp("eve@example.org");
  const loggedOut = await logIn(api, { email });
  await loggedOut.caller.auth.logout();
  api.clock.advance(60 * 24 * 60 * minuteMs);
  const { caller } = await logIn(api, { email });
  const { items } = await caller.auth.sessions();
  expect(items.map((session) => session.is_current)).toEqual([true]);
});

it("ends one session at once, with its access and refresh tokens, and keeps the others", async () => {
  await using api = await createTestApi();
  const ada = await api.signUp(email);
  const lost = await logIn(api, { email });
  const session_id = await currentId(lost.caller);
  await ada.auth.revoke_session({ session_id });
  expect(await codeOf(lost.caller.auth.me())).toBe("TOKEN_INVALID");
  expect(await codeOf(api.caller().auth.refresh({ refresh_token: lost.refresh_token }))).toBe(
    "REFRESH_TOKEN_INVALID",
  );
  expect(await codeOf(ada.auth.me())).toBeUndefined();
  expect(await readEvents(api, email)).toContainEqual({ type: "session_revoked", details: { session_id } });
});

it("lets a user end the session that asks", async () => {
  await using api = await createTestApi();
  const ada = await api.signUp(email);
  await ada.auth.revoke_session({ session_id: await currentId(ada) });
  expect(await codeOf(ada.auth.me())).toBe("TOKEN_INVALID");
});

it("treats another user's session, an ended, an expired and an unknown one alike, and ends none", async () => {
  await using api = await createTestApi();
  const expired = await currentId(await api.signUp(email));
  api.clock.advance(60 * 24 * 60 * minuteMs);
  const { caller: ada } = await logIn(api, { email });
  const eve = await api.signUp("eve@example.org");
  const ended = await logIn(api, { email });
  const endedId = await currentId(ended.caller);
  await ended.caller.auth.logout();
  for (const session_id of [await currentId(eve), endedId, expired, api.deps.createId()]) {
    expect(await ada.auth.revoke_session({ session_id }).catch(String)).toBe(
      "TRPCError: You have no live session with this id.",
    );
  }
  expect(await codeOf(eve.auth.me())).toBeUndefined();
  expect((await readEvents(api, email)).map(({ type }) => type)).not.toContain("session_revoked");
  expect((await readEvents(api, "eve@example.org")).map(({ type }) => type)).not.toContain("session_revoked");
});

it("lets one of parallel endings of a session win, and writes one event", async () => {
  await using api = await createTestApi();
  const ada = await api.signUp(email);
  const session_id = await currentId((await logIn(api, { email })).caller);
  const codes = await Promise.all(
    Array.from({ length: 5 }, () => codeOf(ada.auth.revoke_session({ session_id }))),
  );
  expect(codes.filter((code) => code === undefined)).toHaveLength(1);
  expect(codes.filter((code) => code === "SESSION_NOT_FOUND")).toHaveLength(4);
  const types = (await readEvents(api, email)).map(({ type }) => type);
  expect(types.filter((type) => type === "session_revoked")).toHaveLength(1);
});

it("logs out everywhere: all of a user's sessions end, the one that asks too, and nobody else's", async () => {
  await using api = await createTestApi();
  const ada = await api.signUp(email);
  const eve = await api.signUp("eve@example.org");
  const other = await logIn(api, { email });
  await ada.auth.logout_everywhere();
  expect(await codeOf(ada.auth.me())).toBe("TOKEN_INVALID");
  expect(await codeOf(other.caller.auth.me())).toBe("TOKEN_INVALID");
  expect(await codeOf(api.caller().auth.refresh({ refresh_token: other.refresh_token }))).toBe(
    "REFRESH_TOKEN_INVALID",
  );
  expect(await codeOf(eve.auth.me())).toBeUndefined();
  expect((await readEvents(api, email)).map(({ type }) => type)).toContain("logged_out_everywhere");
});

it("leaves no session when logging out everywhere races with giving the password again", async () => {
  await using api = await createTestApi();
  const ada = await api.signUp(email);
  const others = [await logIn(api, { email }), await logIn(api, { email }), await logIn(api, { email })];
  const [, ...given] = await Promise.allSettled([
    ada.auth.logout_everywhere(),
    ...others.map(({ caller }) => caller.auth.reauthenticate({ password })),
  ]);
  for (const result of given) {
    if (result.status === "rejected") continue;
    // Whoever came after the logout was refused; whoever came before was logged out.
    expect(await codeOf(api.caller(result.value.access_token).auth.me())).toBe("TOKEN_INVALID");
  }
});

it("asks for a recent sign-in before it ends sessions", async () => {
  await using api = await createTestApi();
  const ada = await api.signUp(email);
  api.clock.advance(10 * minuteMs + 1);
  const session_id = await currentId(ada);
  expect(await codeOf(ada.auth.revoke_session({ session_id }))).toBe("REAUTHENTICATION_NEEDED");
  expect(await codeOf(ada.auth.logout_everywhere())).toBe("REAUTHENTICATION_NEEDED");
  expect(await codeOf(ada.auth.me())).toBeUndefined();
});
