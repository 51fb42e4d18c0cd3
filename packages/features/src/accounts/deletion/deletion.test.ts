import { expect, it } from "vitest";
import { codeOf, createTestApi, readMails } from "../../testing/index.ts";

const minuteMs = 60_000;
const dayMs = 24 * 60 * minuteMs;
const credentials = { email: "ada@example.org", password: "correct horse battery" };

it("schedules the deletion of an account for two weeks from now and tells its owner by mail", async () => {
  await using api = await createTestApi();
  const ada = await api.signUp(credentials.email);
  const erasedAfter = new Date(api.clock().getTime() + 14 * dayMs).toISOString();
  expect(await ada.users.schedule_deletion()).toEqual({ erased_after: erasedAfter });
  expect(await readMails(api)).toContainEqual({
    template: "deletion_scheduled",
    to: credentials.email,
    erase_after: erasedAfter,
  });
});

it("ends all access to an account that is to be deleted: sessions, refresh tokens, API keys and links", async () => {
  await using api = await createTestApi();
  const ada = await api.signUp(credentials.email);
  const other = await api.caller().auth.login(credentials);
  const { key } = await ada.auth.create_api_key({ name: "Report", scopes: ["users:read"] });
  await api.caller().auth.request_password_reset({ email: credentials.email });
  await ada.users.schedule_deletion();
  expect(await codeOf(ada.users.profile())).toBe("TOKEN_INVALID");
  expect(await codeOf(api.caller(other.access_token).users.profile())).toBe("TOKEN_INVALID");
  expect(await codeOf(api.caller().auth.refresh(other))).toBe("REFRESH_TOKEN_INVALID");
  expect(await codeOf(api.caller(key).users.profile())).toBe("API_KEY_INVALID");
  expect(await api.deps.db.selectFrom("auth_one_time_tokens").selectAll().execute()).toEqual([]);
});

it("leaves other users alone when one account is to be deleted", async () => {
  await using api = await createTestApi();
  const [ada, eve] = [await api.signUp(credentials.email), await api.signUp("eve@example.org")];
  const { key } = await eve.auth.create_api_key({ name: "Report", scopes: ["users:read"] });
  await ada.users.schedule_deletion();
  expect(await eve.users.profile()).toMatchObject({ deletion_scheduled_for: null });
  expect(await api.caller(key).users.profile()).toMatchObject({ email: "eve@example.org" });
});

it("lets the owner log in before the deletion, shows its date, and keeps the account when asked to", async () => {
  await using api = await createTestApi();
  const { erased_after } = await (await api.signUp(credentials.email)).users.schedule_deletion();
  api.clock.advance(13 * dayMs);
  const ada = api.caller((await api.caller().auth.login(credentials)).access_token);
  expect((await ada.users.profile()).deletion_scheduled_for).toBe(erased_after);
  await ada.users.cancel_deletion();
  expect((await ada.users.profile()).deletion_scheduled_for).toBeNull();
  const { items } = await ada.users.audit_log();
  expect(items.map(({ type }) => type).filter((type) => type.startsWith("deletion"))).toEqual([
    "deletion_cancelled",
    "deletion_scheduled",
  ]);
});

it("keeps the first date when a deletion is asked for again", async () => {
  await using api = await createTestApi();
  const first = await (await api.signUp(credentials.email)).users.schedule_deletion();
  api.clock.advance(dayMs);
  const ada = api.caller((await api.caller().auth.login(credentials)).access_token);
  expect(await ada.users.schedule_deletion()).toEqual(first);
  expect(await codeOf(ada.users.profile())).toBe("TOKEN_INVALID");
});

it("has nothing to cancel where no deletion is scheduled", async () => {
  await using api = await createTestApi();
  const ada = await api.signUp(credentials.email);
  expect(await codeOf(ada.users.cancel_deletion())).toBe("DELETION_NOT_SCHEDULED");
});

it("asks for a recent sign-in before it schedules a deletion", async () => {
  await using api = await createTestApi();
  const ada = await api.signUp(credentials.email);
  api.clock.advance(10 * minuteMs + 1);
  expect(await codeOf(ada.users.schedule_deletion())).toBe("REAUTHENTICATION_NEEDED");
  expect(await ada.users.profile()).toMatchObject({ deletion_scheduled_for: null });
});
