import {
  createCallLimiter,
  createLimitPolicies,
  createPostgresCounters,
  createResponseFacts,
  type LimitQuotas,
} from "@obsqra/platform";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { createCaller } from "../../src/root.ts";
import { codeOf, createTestApi, errorOf, type TestApi } from "../../src/testing/index.ts";

const minuteMs = 60_000;
/** A busy machine must not make a store look as if it were away. */
const patientMs = 60_000;

// rate-limiter-flexible times its windows by the system's clock.
beforeEach(() => void vi.useFakeTimers({ toFake: ["Date"] }));
afterEach(() => void vi.useRealTimers());

/** Counts in the table that servers on Postgres share. */
function createLimitedApi(quotas: Partial<LimitQuotas>): Promise<TestApi> {
  const policies = createLimitPolicies(quotas);
  return createTestApi({
    createCallLimiter: (deps) =>
      createCallLimiter({
        ...deps,
        policies,
        createSharedCounter: createPostgresCounters(deps.db),
        responseTimeoutMs: patientMs,
      }),
  });
}

/** Signs a user up and gives an access token with a caller for any address. */
async function signIn(api: TestApi, email: string) {
  const account = { email, password: "correct horse battery", full_name: "Ada" };
  const { access_token } = await api.caller(undefined, { ip: undefined }).auth.register(account);
  return { access_token, from: (ip: string | undefined) => api.caller(access_token, { ip }) };
}

const limited = (policy: string, seconds = 60) => ({
  code: "RATE_LIMITED",
  details: { policy, retry_after_seconds: seconds },
});

it("counts all calls of a user, from any address, and nobody else's", async () => {
  await using api = await createLimitedApi({ userPerMinute: 3 });
  const [ada, eve] = [await signIn(api, "ada@example.org"), await signIn(api, "eve@example.org")];
  for (const ip of ["192.0.2.1", "192.0.2.2", undefined]) await ada.from(ip).auth.me();
  expect(await errorOf(ada.from("192.0.2.3").auth.me())).toMatchObject(limited("user"));
  expect(await codeOf(eve.from("192.0.2.1").auth.me())).toBeUndefined();
});

it("counts an API key for itself and for its user", async () => {
  await using api = await createLimitedApi({ keyPerMinute: 2, userPerMinute: 14 });
  const ada = await signIn(api, "ada@example.org");
  const createKey = async (name: string) => {
    const { key } = await ada.from(undefined).auth.create_api_key({ name, scopes: ["users:read"] });
    return api.caller(key, { ip: undefined });
  };
  const [first, second] = [await createKey("First"), await createKey("Second")];
  await first.auth.me();
  await first.auth.me();
  expect(await errorOf(first.auth.me())).toMatchObject(limited("key"));
  await second.auth.me();
  await second.auth.me();
  // Ten points made the keys.
  expect(await errorOf(ada.from(undefined).auth.me())).toMatchObject(limited("user"));
});

it("counts all calls from an address, signed in or not, and an IPv6 customer's addresses as one", async () => {
  await using api = await createLimitedApi({ ipPerMinute: 2 });
  const ada = await signIn(api, "ada@example.org");
  const stranger = (ip: string) => api.caller(undefined, { ip });
  await ada.from("192.0.2.1").auth.me();
  expect(await codeOf(stranger("192.0.2.1").auth.me())).toBe("UNAUTHENTICATED");
  expect(await errorOf(stranger("192.0.2.1").auth.me())).toMatchObject(limited("ip"));
  expect(await errorOf(ada.from("192.0.2.1").auth.me())).toMatchObject(limited("ip"));
  expect(await codeOf(ada.from("192.0.2.2").auth.me())).toBeUndefined();
  await ada.from("2001:db8:1:2::1").auth.me();
  await ada.from("2001:db8:1:2:ffff::1").auth.me();
  expect(await errorOf(ada.from("2001:db8:1:2::2").auth.me())).toMatchObject(limited("ip"));
  expect(await codeOf(ada.from("2001:db8:1:3::1").auth.me())).toBeUndefined();
});

it("refuses before anything else is looked at: who it is, and what is asked", async () => {
  await using api = await createLimitedApi({ ipPerMinute: 10 });
  // Without a password, which its type asks for.
  const login = () => api.caller().auth.login({ email: "no email address" } as never);
  expect(await codeOf(login())).toBe("VALIDATION_FAILED");
  expect(await codeOf(login())).toBe("RATE_LIMITED");
  expect(await codeOf(api.caller("no token").auth.me())).toBe("RATE_LIMITED");
});

it("does not count a call without an address by address", async () => {
  await using api = await createLimitedApi({ ipPerMinute: 1 });
  const ada = await signIn(api, "ada@example.org");
  for (let call = 0; call < 5; call += 1) await ada.from(undefined).auth.me();
});

it("counts a call by the weight of its endpoint", async () => {
  await using api = await createLimitedApi({ userPerMinute: 12 });
  const ada = await signIn(api, "ada@example.org");
  await ada.from(undefined).analytics.dashboard();
  await ada.from(undefined).analytics.dashboard();
  await ada.from(undefined).auth.me();
  expect(await codeOf(ada.from(undefined).analytics.dashboard())).toBe("RATE_LIMITED");
});

it("gives all points back when the window ends", async () => {
  await using api = await createLimitedApi({ userPerMinute: 2 });
  const ada = await signIn(api, "ada@example.org");
  const me = () => ada.from(undefined).auth.me();
  await me();
  vi.setSystemTime(Date.now() + minuteMs - 5_000);
  await me();
  expect(await errorOf(me())).toMatchObject(limited("user", 5));
  vi.setSystemTime(Date.now() + 4_001);
  expect(await errorOf(me())).toMatchObject(limited("user", 1));
  vi.setSystemTime(Date.now() + 999);
  await me();
  await me();
  expect(await codeOf(me())).toBe("RATE_LIMITED");
});

it("gives a user the day that their plan has, and takes a change of plan at once", async () => {
  await using api = await createLimitedApi({ freePlanPerDay: 2, proPlanPerDay: 4 });
  const ada = await signIn(api, "ada@example.org");
  const me = () => ada.from(undefined).auth.me();
  await me();
  await me();
  expect(await errorOf(me())).toMatchObject(limited("day", 86_400));
  await api.deps.db.updateTable("users").set({ plan: "pro" }).execute();
  // What was asked for on the old plan counts on the new one.
  await me();
  await me();
  expect(await errorOf(me())).toMatchObject(limited("day", 86_400));
});

it("does not take from the day what it refuses within a minute", async () => {
  await using api = await createLimitedApi({ userPerMinute: 1, freePlanPerDay: 2 });
  const ada = await signIn(api, "ada@example.org");
  const me = () => ada.from(undefined).auth.me();
  await me();
  for (let call = 0; call < 5; call += 1) expect(await errorOf(me())).toMatchObject(limited("user"));
  vi.setSystemTime(Date.now() + minuteMs);
  await me();
});

it("lets so many accounts be registered from an address in an hour, whether or not they are new", async () => {
  await using api = await createLimitedApi({ registrationsPerHour: 2 });
  const register = (email: string, ip = "192.0.2.1") =>
    api
      .caller(undefined, { ip })
      .auth.register({ email, password: "correct horse battery", full_name: "Ada" });
  await register("ada@example.org");
  expect(await codeOf(register("ada@example.org"))).toBe("EMAIL_TAKEN");
  expect(await errorOf(register("ada+1@example.org"))).toMatchObject(limited("registrations", 3600));
  expect(await codeOf(register("ada+1@example.org", "192.0.2.2"))).toBeUndefined();
  const login = { email: "ada@example.org", password: "correct horse battery" };
  expect(await codeOf(api.caller(undefined, { ip: "192.0.2.1" }).auth.login(login))).toBeUndefined();
});

it("tells the host each limit that a call was counted against, with the least that was left", async () => {
  await using api = await createLimitedApi({ userPerMinute: 3 });
  const { access_token } = await signIn(api, "ada@example.org");
  const response = createResponseFacts();
  const request = { id: "test", access_token, ip: "192.0.2.1", user_agent: undefined };
  const caller = createCaller({ ...api.deps, request, response });
  await Promise.all([caller.auth.me(), caller.auth.me()]);
  expect([...response.limits.values()]).toEqual([
    { policy: "ip", quota: 1_200, window_seconds: 60, remaining: 1_198, reset_seconds: 60 },
    { policy: "user", quota: 3, window_seconds: 60, remaining: 1, reset_seconds: 60 },
    { policy: "day", quota: 20_000, window_seconds: 86_400, remaining: 19_998, reset_seconds: 86_400 },
  ]);
});

it("tells a caller their plan and limits, and counts that once", async () => {
  await using api = await createLimitedApi({});
  const ada = await signIn(api, "ada@example.org");
  const remaining = async (caller: ReturnType<TestApi["caller"]>) => {
    const { plan, limits } = await caller.users.usage();
    expect(plan).toBe("free");
    return limits.map((limit) => [limit.policy, limit.quota - limit.remaining]);
  };
  expect(await remaining(ada.from("192.0.2.1"))).toEqual([
    ["ip", 1],
    ["user", 1],
    ["day", 1],
  ]);
  const { key } = await ada.from(undefined).auth.create_api_key({ name: "Report", scopes: ["users:read"] });
  expect(await remaining(api.caller(key, { ip: "192.0.2.1" }))).toEqual([
    ["ip", 2],
    ["key", 1],
    ["user", 7],
    ["day", 7],
  ]);
});

it("has no limits to tell where calls are not counted", async () => {
  await using api = await createTestApi();
  const ada = await api.signUp("ada@example.org");
  expect(await ada.users.usage()).toMatchObject({ plan: "free", limits: [] });
  expect((await ada.users.profile()).plan).toBe("free");
});
