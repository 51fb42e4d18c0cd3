import { expect, it, vi } from "vitest";
import { openService } from "../test/service-double.ts";
import { createClient, createMemoryTokenStorage } from "./index.ts";

const pair = { access_token: "access-1", refresh_token: "refresh-1" };

it("sends an API key with every call, in the place of stored tokens", async () => {
  for (const batch of [true, false]) {
    await using service = await openService();
    const tokens = createMemoryTokenStorage(pair);
    const client = createClient({ url: service.url, apiKey: "obsqra_good", tokens, batch });
    expect((await client.auth.me.query()).email).toBe("ada@example.org");
    expect(service.calls).toEqual([{ path: "auth.me", token: "obsqra_good" }]);
    expect(tokens.read()).toEqual(pair);
  }
});

it("does not try to renew a refused API key, and signs nobody out", async () => {
  await using service = await openService();
  const tokens = createMemoryTokenStorage(pair);
  const onSignedOut = vi.fn();
  const client = createClient({ url: service.url, apiKey: "obsqra_revoked", tokens, onSignedOut });
  await expect(client.auth.me.query()).rejects.toMatchObject({ code: "API_KEY_INVALID", status: 401 });
  expect(service.calls).toEqual([{ path: "auth.me", token: "obsqra_revoked" }]);
  expect(onSignedOut).not.toHaveBeenCalled();
  expect(tokens.read()).toEqual(pair);
});

it("keeps sending the API key after a login, whose tokens it leaves alone", async () => {
  await using service = await openService();
  const tokens = createMemoryTokenStorage();
  const client = createClient({ url: service.url, apiKey: "obsqra_good", tokens });
  await client.auth.login.mutate({ email: "ada@example.org", password: "right" });
  expect(tokens.read()).toBeUndefined();
  await client.auth.me.query();
  expect(service.calls.at(-1)?.token).toBe("obsqra_good");
});
