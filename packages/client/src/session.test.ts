import { describe, expect, it, onTestFinished, vi } from "vitest";
import { openService } from "../test/service-double.ts";
import {
  createClient,
  createMemoryTokenStorage,
  type Fetch,
  isObsqraError,
  renewTokens,
  type StoredTokens,
} from "./index.ts";
import { exampleOutputs } from "./testing/example-outputs.ts";

const login = { email: "ada@example.org", password: "right" };
const pair = (number: number) => ({ access_token: `access-${number}`, refresh_token: `refresh-${number}` });

describe("signing in and out", () => {
  it("sends the token after a login, and none before", async () => {
    await using service = await openService();
    const client = createClient({ url: service.url });
    await expect(client.auth.me.query()).rejects.toMatchObject({ code: "UNAUTHENTICATED" });
    await client.auth.login.mutate(login);
    expect((await client.auth.me.query()).email).toBe("ada@example.org");
    expect(service.calls).toEqual([
      { path: "auth.me", token: undefined },
      { path: "auth.login", token: undefined },
      { path: "auth.me", token: "access-1" },
    ]);
  });

  it("keeps no tokens of a failed login, and does not renew for it", async () => {
    await using service = await openService();
    const tokens = createMemoryTokenStorage(pair(1));
    const client = createClient({ url: service.url, tokens });
    const attempt = client.auth.login.mutate({ ...login, password: "wrong" });
    await expect(attempt).rejects.toMatchObject({ code: "CREDENTIALS_INVALID", status: 401 });
    expect(tokens.read()).toEqual(pair(1));
    expect(service.calls.map(({ path }) => path)).toEqual(["auth.login"]);
  });

  it("forgets the tokens on logout, even when the service cannot be reached", async () => {
    await using service = await openService();
    const tokens = createMemoryTokenStorage(pair(1));
    await createClient({ url: service.url, tokens }).auth.logout.mutate();
    expect(tokens.read()).toBeUndefined();

    const stranded = createMemoryTokenStorage(pair(1));
    const logout = createClient({
      url: "http://127.0.0.1:1",
      tokens: stranded,
      maxRetries: 0,
    }).auth.logout.mutate();
    await expect(logout).rejects.toMatchObject({ code: "CONNECTION_FAILED" });
    expect(stranded.read()).toBeUndefined();
  });

  it("forgets the tokens when all sessions were ended, and keeps them when that failed", async () => {
    await using service = await openService();
    const tokens = createMemoryTokenStorage(pair(1));
    const client = createClient({ url: service.url, tokens });
    await client.auth.logout_everywhere.mutate();
    expect(tokens.read()).toBeUndefined();
    await tokens.write(pair(1));
    await client.users.schedule_deletion.mutate();
    expect(tokens.read()).toBeUndefined();

    await tokens.write(pair(1));
    const stranded = createClient({ url: "http://127.0.0.1:1", tokens, maxRetries: 0 });
    const attempts = [stranded.auth.logout_everywhere.mutate(), stranded.users.schedule_deletion.mutate()];
    for (const attempt of attempts) {
      await expect(attempt).rejects.toMatchObject({ code: "CONNECTION_FAILED" });
    }
    expect(tokens.read()).toEqual(pair(1));
  });

  const givingTokens = Object.entries(exampleOutputs).flatMap(([path, output]) =>
    typeof output === "object" && output !== null && "refresh_token" in output ? [path] : [],
  );
  it.each(givingTokens)("takes the tokens that %s gives", async (path) => {
    const tokens = createMemoryTokenStorage();
    const fetch: Fetch = async () => Response.json({ result: { data: exampleOutputs[path] } });
    const client = createClient({ url: "http://mock.invalid", fetch, tokens, batch: false });
    const [feature = "", name = ""] = path.split(".");
    // Which there are is known by their names only.
    const calls = client as unknown as Record<
      string,
      Record<string, { mutate(input: object): Promise<unknown> }>
    >;
    const given = await calls[feature]?.[name]?.mutate({});
    const { access_token, refresh_token } = given as StoredTokens;
    expect(tokens.read()).toMatchObject({ access_token, refresh_token });
  });

  it("takes the tokens of the new session after giving the password again", async () => {
    await using service = await openService();
    const tokens = createMemoryTokenStorage(pair(1));
    const client = createClient({ url: service.url, tokens });
    const attempt = client.auth.reauthenticate.mutate({ password: "wrong" });
    await expect(attempt).rejects.toMatchObject({ code: "PASSWORD_WRONG" });
    expect(tokens.read()).toEqual(pair(1));
    await client.auth.reauthenticate.mutate({ password: "right" });
    expect(tokens.read()).toMatchObject(pair(2));
    await client.auth.me.query();
    expect(service.calls.at(-1)).toEqual({ path: "auth.me", token: "access-2" });
  });

  it("does not bring tokens back that were forgotten during a renewal", async () => {
    await using service = await openService();
    const tokens = createMemoryTokenStorage({ ...pair(1), access_token: "expired" });
    const client = createClient({ url: service.url, tokens });
    service.beforeRefresh = async () => tokens.clear();
    await expect(client.auth.me.query()).rejects.toMatchObject({ code: "TOKEN_EXPIRED" });
    expect(tokens.read()).toBeUndefined();
  });
});

describe("renewing", () => {
  it("renews an expired token once for all calls in flight, batched or not", async () => {
    for (const batch of [true, false]) {
      await using service = await openService();
      const tokens = createMemoryTokenStorage({ ...pair(1), access_token: "expired" });
      const client = createClient({ url: service.url, tokens, batch });
      const results = await Promise.all([
        client.auth.me.query(),
        client.users.profile.query(),
        client.auth.me.query(),
      ]);
      expect(results).toHaveLength(3);
      expect(service.calls.filter(({ path }) => path === "auth.refresh")).toHaveLength(1);
      expect(tokens.read()).toMatchObject(pair(2));
      expect(service.calls.at(-1)?.token).toBe("access-2");
    }
  });

  it("does not renew when someone else has done so since the call was sent", async () => {
    await using service = await openService();
    const tokens = createMemoryTokenStorage(pair(1));
    const client = createClient({
      url: service.url,
      tokens,
      fetch: async (url, options) => {
        const response = await fetch(url, options);
        // Another tab renews while the first response is on its way.
        if (service.current === 2) await tokens.write(pair(2));
        return response;
      },
    });
    service.current = 2;
    await client.auth.me.query();
    expect(service.calls).toEqual([
      { path: "auth.me", token: "access-1" },
      { path: "auth.me", token: "access-2" },
    ]);
  });

  it("renews per call: others in the same batch keep their results and errors", async () => {
    await using service = await openService();
    const tokens = createMemoryTokenStorage({ ...pair(1), access_token: "expired" });
    const client = createClient({ url: service.url, tokens, maxRetries: 0 });
    const [wrongPassword, me] = await Promise.allSettled([
      client.auth.login.mutate({ ...login, password: "wrong" }),
      client.transactions.create.mutate({ tx_hash: "0x1", tx_type: "deposit", amount: "1" }),
    ]);
    expect(service.requests[0]).toContain("auth.login,transactions.create?batch=1");
    expect(wrongPassword).toMatchObject({ reason: { code: "CREDENTIALS_INVALID" } });
    expect(me).toMatchObject({ reason: { code: "TRANSACTION_ALREADY_LOGGED" } });
    expect(service.calls.filter(({ path }) => path === "auth.login")).toHaveLength(1);
    expect(service.calls.filter(({ path }) => path === "transactions.create")).toHaveLength(2);
  });

  it("ends the session once when the refresh token is refused", async () => {
    await using service = await openService();
    const tokens = createMemoryTokenStorage({ access_token: "expired", refresh_token: "used" });
    const onSignedOut = vi.fn();
    const client = createClient({ url: service.url, tokens, onSignedOut });
    const results = await Promise.allSettled([client.auth.me.query(), client.users.profile.query()]);
    for (const result of results) expect(result).toMatchObject({ reason: { code: "TOKEN_EXPIRED" } });
    expect(onSignedOut).toHaveBeenCalledTimes(1);
    expect(tokens.read()).toBeUndefined();
  });

  it("renews once for all tabs that share the tokens, where there are Web Locks", async () => {
    await using service = await openService();
    const tokens = createMemoryTokenStorage({ ...pair(1), access_token: "expired" });
    const tabs = Array.from({ length: 3 }, () => createClient({ url: service.url, tokens }));
    await Promise.all(tabs.map((tab) => tab.auth.me.query()));
    expect(service.calls.filter(({ path }) => path === "auth.refresh")).toHaveLength(1);
    expect(tokens.read()).toMatchObject(pair(2));
  });

  it("keeps the session when another tab has spent the token but has not stored the next one yet, without Web Locks", async () => {
    vi.stubGlobal("navigator", {});
    onTestFinished(() => void vi.unstubAllGlobals());
    await using service = await openService();
    const tokens = createMemoryTokenStorage({ ...pair(1), access_token: "expired" });
    const refusal = Promise.withResolvers<void>();
    const onSignedOut = vi.fn();
    // The first tab's response is on its way until the second tab has been refused.
    const first = createClient({
      url: service.url,
      tokens,
      onSignedOut,
      fetch: async (url, options) => {
        const response = await fetch(url, options);
        if (url.includes("auth.refresh")) await refusal.promise;
        return response;
      },
    });
    const second = createClient({
      url: service.url,
      tokens,
      onSignedOut,
      fetch: async (url, options) => {
        if (url.includes("auth.refresh")) await vi.waitUntil(() => service.current === 2, 60_000);
        const response = await fetch(url, options);
        if (url.includes("auth.refresh")) refusal.resolve();
        return response;
      },
    });
    const results = await Promise.all([first.auth.me.query(), second.auth.me.query()]);
    expect(results.map(({ email }) => email)).toEqual(["ada@example.org", "ada@example.org"]);
    expect(onSignedOut).not.toHaveBeenCalled();
    expect(tokens.read()).toMatchObject(pair(2));
  });

  it("keeps the session when the service goes away during a renewal", async () => {
    await using service = await openService();
    const tokens = createMemoryTokenStorage({ ...pair(1), access_token: "expired" });
    const onSignedOut = vi.fn();
    const client = createClient({
      url: service.url,
      tokens,
      maxRetries: 0,
      onSignedOut,
      fetch: async (url, options) => {
        if (url.includes("auth.refresh")) throw new TypeError("fetch failed");
        return fetch(url, options);
      },
    });
    const error = await client.auth.me.query().catch((thrown: unknown) => thrown);
    expect(isObsqraError(error, "CONNECTION_FAILED")).toBe(true);
    expect(onSignedOut).not.toHaveBeenCalled();
    expect(tokens.read()?.refresh_token).toBe("refresh-1");
  });

  it("tries a call at most twice", async () => {
    await using service = await openService();
    const tokens = createMemoryTokenStorage({ ...pair(1), access_token: "expired" });
    const client = createClient({
      url: service.url,
      tokens,
      fetch: async (url, options) => {
        const response = await fetch(url, options);
        // By the time the new token arrives it has expired again.
        if (url.includes("auth.refresh")) service.current += 10;
        return response;
      },
    });
    await expect(client.auth.me.query()).rejects.toMatchObject({ code: "TOKEN_EXPIRED" });
    expect(service.calls.filter(({ path }) => path === "auth.me")).toHaveLength(2);
  });
});

describe("tokens that can only be read", () => {
  it.each([-20, 20])(
    "are renewed in time by a clock that is %i minutes off, and only then",
    async (minutes) => {
      await using service = await openService();
      const { url } = service;
      let now = Date.now() + minutes * 60_000;
      // As the service's own clock has it: this is not what counts.
      const claims = (seconds: number) =>
        `x.${btoa(JSON.stringify({ exp: Date.now() / 1_000 + seconds }))}.x`;
      const stored = {
        access_token: claims(1_800),
        refresh_token: "refresh-1",
        expires_at_ms: now + 1_800_000,
      };
      const renew = (tokens: StoredTokens) => renewTokens({ url, tokens, now: () => now });
      expect(await renew(stored)).toBe(stored);
      now += 19 * 60_000;
      expect(await renew(stored)).toBe(stored);
      now += 2 * 60_000;
      const renewed = await renew(stored);
      expect(renewed).toEqual({ ...pair(2), expires_at_ms: now + 1_800_000 });
      // A page that is rendered by the same request asks again.
      expect(renewed && (await renew(renewed))).toBe(renewed);
    },
  );

  it("are sent, and never renewed: the refresh token works once, and its successor would be lost", async () => {
    await using service = await openService();
    const client = createClient({ url: service.url, tokens: { read: () => pair(1) } });
    expect((await client.auth.me.query()).email).toBe("ada@example.org");
    service.current = 2;
    await expect(client.auth.me.query()).rejects.toMatchObject({
      code: "SESSION_READ_ONLY",
      status: 401,
      cause: { code: "TOKEN_EXPIRED" },
    });
    await expect(client.auth.login.mutate(login)).rejects.toMatchObject({ code: "SESSION_READ_ONLY" });
    await expect(client.auth.refresh.mutate({ refresh_token: "refresh-2" })).rejects.toMatchObject({
      code: "SESSION_READ_ONLY",
    });
    expect(service.calls.map(({ path }) => path)).toEqual(["auth.me", "auth.me"]);
  });

  it("may be missing: whoever is signed out is told so", async () => {
    await using service = await openService();
    const client = createClient({ url: service.url, tokens: { read: () => undefined } });
    await expect(client.auth.me.query()).rejects.toMatchObject({ code: "UNAUTHENTICATED" });
  });
});

it("asks for the access token with every request, where the application brings its own", async () => {
  await using service = await openService();
  const client = createClient({ url: service.url, accessToken: () => `access-${service.current}` });
  await client.auth.me.query();
  service.current = 2;
  await client.auth.me.query();
  expect(service.calls.map(({ token }) => token)).toEqual(["access-1", "access-2"]);
  const stale = createClient({ url: service.url, accessToken: () => "access-1" });
  await expect(stale.auth.me.query()).rejects.toMatchObject({ code: "TOKEN_EXPIRED" });
});
