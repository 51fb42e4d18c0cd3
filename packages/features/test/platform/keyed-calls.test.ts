import { expect, it } from "vitest";
import { callerWith, codeOf, createTestApi, errorOf } from "../../src/testing/index.ts";

it("takes the key in process as a part of the request", async () => {
  await using api = await createTestApi();
  const ada = await api.signUp();
  const { id } = await ada.auth.me();
  const tokens = await api
    .caller()
    .auth.login({ email: (await ada.auth.me()).email, password: "correct horse battery" });
  const keyed = api.caller(tokens.access_token, { idempotency_key: "k" });
  const input = { name: "Report", scopes: ["analytics:read" as const] };
  const first = await keyed.auth.create_api_key(input);
  expect(await keyed.auth.create_api_key(input)).toEqual(first);
  const refused = await errorOf(keyed.auth.create_api_key({ ...input, name: "Other" }));
  expect(refused).toMatchObject({ code: "IDEMPOTENCY_KEY_REUSED" });
  const keys = await api.deps.db.selectFrom("api_keys").select("name").where("user_id", "=", id).execute();
  expect(keys).toEqual([{ name: "Report" }]);
});

it("takes it for mutations only", async () => {
  await using api = await createTestApi();
  const tokens = await api.caller().auth.register({
    email: "ada@example.org",
    password: "correct horse battery",
    full_name: "Ada",
  });
  const keyed = callerWith(api, {}, tokens.access_token);
  expect(await codeOf(keyed.auth.me())).toBeUndefined();
  const odd = api.caller(tokens.access_token, { idempotency_key: "not a key" });
  expect((await odd.auth.me()).full_name).toBe("Ada");
  expect(await codeOf(odd.users.update_profile({ full_name: "Eve" }))).toBe("IDEMPOTENCY_KEY_INVALID");
  expect((await odd.auth.me()).full_name).toBe("Ada");
});
