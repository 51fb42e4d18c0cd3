import { apiKeysMax } from "@obsqra/contract";
import { expect, it } from "vitest";
import { codeOf, createTestApi } from "../../testing/index.ts";
import { keyEvents, report } from "../../testing/key-events.ts";

it("lets a user have at most twenty keys that work, also when they are made at once", async () => {
  await using api = await createTestApi();
  const ada = await api.signUp();
  const codes = await Promise.all(
    Array.from({ length: apiKeysMax + 5 }, () => codeOf(ada.auth.create_api_key(report))),
  );
  expect(codes.filter((code) => code === undefined)).toHaveLength(apiKeysMax);
  expect(codes.filter((code) => code === "API_KEY_LIMIT_REACHED")).toHaveLength(5);
  expect(await keyEvents(api)).toHaveLength(apiKeysMax);
  // Another user's are not counted.
  const bob = await api.signUp();
  expect(await codeOf(bob.auth.create_api_key(report))).toBeUndefined();
});

it("refuses a revoked key at once, and revoking it again is harmless and told once", async () => {
  await using api = await createTestApi();
  const ada = await api.signUp();
  const { id, key } = await ada.auth.create_api_key(report);
  expect(await codeOf(api.caller(key).users.profile())).toBeUndefined();
  await Promise.all([1, 2, 3].map(() => ada.auth.revoke_api_key({ api_key_id: id })));
  expect(await codeOf(api.caller(key).users.profile())).toBe("API_KEY_INVALID");
  expect(await keyEvents(api)).toHaveLength(2);
});
