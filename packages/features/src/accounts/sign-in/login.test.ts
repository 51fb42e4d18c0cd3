import { hash as bcryptHash } from "@node-rs/bcrypt";
import { expect, it } from "vitest";
import { codeOf, createTestApi, errorOf, readMails, type TestApi } from "../../testing/index.ts";
import { ada, hashOf, setHash } from "../../testing/stored-password.ts";
import { createPasswordHasher, type PasswordHasher } from "../passwords/password-hasher.ts";

const firefox = "Mozilla/5.0 (X11; Linux x86_64; rv:141.0) Gecko/20100101 Firefox/141.0";

async function eventsOf({ deps }: TestApi): Promise<string[]> {
  const rows = await deps.db.selectFrom("audit_events").select("type").orderBy("position").execute();
  return rows.map(({ type }) => type);
}

it("refuses a wrong password and an unknown email alike", async () => {
  await using api = await createTestApi();
  await api.caller().auth.register(ada);
  const wrong = await errorOf(api.caller().auth.login({ email: ada.email, password: "wrong" }));
  const unknown = await errorOf(api.caller().auth.login({ email: "bob@example.org", password: "wrong" }));
  expect([wrong?.code, wrong?.message, wrong?.details]).toEqual([
    unknown?.code,
    unknown?.message,
    unknown?.details,
  ]);
  expect(wrong?.code).toBe("CREDENTIALS_INVALID");
});

it("writes failed and successful logins into the audit log of the account", async () => {
  await using api = await createTestApi();
  await api.caller().auth.register(ada);
  await codeOf(api.caller().auth.login({ email: ada.email, password: "wrong" }));
  await codeOf(api.caller().auth.login({ email: "bob@example.org", password: "wrong" }));
  await api.caller().auth.login(ada);
  expect(await eventsOf(api)).toEqual(["registered", "login_failed", "logged_in"]);
});

it("signs in no user without a password, no erased one, and none with an unreadable hash, and says nothing of it", async () => {
  await using api = await createTestApi();
  await api.caller().auth.register(ada);
  await setHash(api, "$argon2id$v=19$m=19456,t=2,p=1$AA");
  expect(await codeOf(api.caller().auth.login(ada))).toBe("CREDENTIALS_INVALID");
  await api.deps.db.deleteFrom("user_passwords").execute();
  expect(await codeOf(api.caller().auth.login(ada))).toBe("CREDENTIALS_INVALID");
  await api.deps.db.updateTable("users").set({ erased_at: api.clock() }).execute();
  expect(await codeOf(api.caller().auth.login(ada))).toBe("CREDENTIALS_INVALID");
  expect(api.logged).toEqual([]);
});

it("counts attempts before it checks a password, and forgets them at a success", async () => {
  await using api = await createTestApi({ throttleLimits: { perEmailAndIp: 3, perIp: 100 } });
  await api.caller().auth.register(ada);
  for (let round = 0; round < 3; round += 1) {
    for (let attempt = 0; attempt < 2; attempt += 1) {
      expect(await codeOf(api.caller().auth.login({ ...ada, password: "wrong" }))).toBe(
        "CREDENTIALS_INVALID",
      );
    }
    expect(await codeOf(api.caller().auth.login(ada))).toBeUndefined();
  }
  for (let attempt = 0; attempt < 3; attempt += 1) {
    await codeOf(api.caller().auth.login({ ...ada, password: "wrong" }));
  }
  expect(await codeOf(api.caller().auth.login(ada))).toBe("TOO_MANY_ATTEMPTS");
  expect(await codeOf(api.caller(undefined, { ip: "203.0.113.7" }).auth.login(ada))).toBeUndefined();
  api.clock.advance(1000);
  expect(await codeOf(api.caller().auth.login(ada))).toBeUndefined();
});

it("sends logins beyond its queue away before it asks the database for them", async () => {
  const passwordHasher = await createPasswordHasher({ atOnce: 1, waitingMax: 2 });
  await using api = await createTestApi({ passwordHasher });
  const codes = await Promise.all(
    Array.from({ length: 10 }, (_, index) =>
      codeOf(api.caller().auth.login({ email: `${index}@example.org`, password: "wrong" })),
    ),
  );
  expect(codes.filter((code) => code === "CREDENTIALS_INVALID")).toHaveLength(4);
  expect(codes.filter((code) => code === "SERVER_BUSY")).toHaveLength(6);
  const counters = await api.deps.db.selectFrom("auth_throttle").select("attempts").execute();
  expect(Math.max(...counters.map(({ attempts }) => attempts))).toBe(4);
});

it("leaves a bcrypt hash as it is when the password is wrong, or longer than the 72 bytes that it covers", async () => {
  await using api = await createTestApi();
  await api.caller().auth.register(ada);
  const password = "p".repeat(72);
  const legacy = await bcryptHash(password, { cost: 4 });
  await setHash(api, legacy);
  for (const wrong of ["wrong", `${password}x`]) {
    expect(await codeOf(api.caller().auth.login({ ...ada, password: wrong }))).toBe("CREDENTIALS_INVALID");
  }
  expect(await hashOf(api)).toBe(legacy);
  expect(await codeOf(api.caller().auth.login({ ...ada, password }))).toBeUndefined();
});

it("takes equally long for every failed login while a hash of the original backend is left, and no longer after", async () => {
  const pauses: number[] = [];
  const pause = async (milliseconds: number) => void pauses.push(milliseconds);
  await using api = await createTestApi({ pause });
  await api.caller().auth.register(ada);
  await api.caller().auth.register({ ...ada, email: "old@example.org" });
  await setHash(api, await bcryptHash(ada.password, { cost: 4 }), "old@example.org");
  for (const email of [ada.email, "old@example.org", "nobody@example.org"]) {
    expect(await codeOf(api.caller().auth.login({ email, password: "wrong" }))).toBe("CREDENTIALS_INVALID");
  }
  expect(pauses).toEqual([600, 600, 600]);
  await api.caller().auth.login(ada);
  await api.caller().auth.login({ ...ada, email: "old@example.org" });
  await codeOf(api.caller().auth.login({ email: "nobody@example.org", password: "wrong" }));
  expect(pauses).toHaveLength(3);
});

it("pads a failed login that took longer to the next multiple", async () => {
  const pauses: number[] = [];
  const hasher = await createPasswordHasher();
  const verify: PasswordHasher["verify"] = async (hash, password) => {
    api.clock.advance(750);
    return hasher.verify(hash, password);
  };
  await using api = await createTestApi({
    pause: async (milliseconds) => void pauses.push(milliseconds),
    passwordHasher: { ...hasher, verify },
  });
  await api.caller().auth.register(ada);
  await setHash(api, await bcryptHash(ada.password, { cost: 4 }));
  await codeOf(api.caller().auth.login({ ...ada, password: "wrong" }));
  expect(pauses).toEqual([450]);
});

it("tells a user by mail of a login on a new device, and of no other", async () => {
  await using api = await createTestApi();
  const register = { ip: "203.0.113.7", user_agent: firefox };
  await api.caller(undefined, register).auth.register(ada);
  for (const known of [
    register,
    { ip: "203.0.113.99", user_agent: firefox },
    { ip: "203.0.113.7", user_agent: firefox.replaceAll("141", "142") },
  ]) {
    await api.caller(undefined, known).auth.login(ada);
  }
  expect(await noticesOf(api)).toEqual([]);
  const elsewhere = { ip: "198.51.100.1", user_agent: firefox };
  await api.caller(undefined, elsewhere).auth.login(ada);
  await api.caller(undefined, elsewhere).auth.login(ada);
  await api.caller(undefined, { ...register, user_agent: "curl/8.5.0" }).auth.login(ada);
  const at = "2026-01-15T12:00:00.000Z";
  expect(await noticesOf(api)).toEqual([
    { template: "new_device", to: ada.email, at, ...elsewhere },
    { template: "new_device", to: ada.email, at, ip: "203.0.113.7", user_agent: "curl/8.5.0" },
  ]);
});

it("sends no notice of a login that fails", async () => {
  await using api = await createTestApi();
  await api.caller().auth.register(ada);
  await codeOf(api.caller(undefined, { ip: "198.51.100.1" }).auth.login({ ...ada, password: "wrong" }));
  expect(await noticesOf(api)).toEqual([]);
});

it("floods no mailbox that was never confirmed with notices, and leaves none out for one that was", async () => {
  await using api = await createTestApi();
  await api.caller().auth.register(ada);
  const loginFrom = (ip: string) => api.caller(undefined, { ip }).auth.login(ada);
  for (let network = 0; network < 10; network += 1) await loginFrom(`203.0.${network}.1`);
  expect(await noticesOf(api)).toHaveLength(3);
  await api.deps.db.updateTable("users").set({ email_verified_at: api.clock() }).execute();
  for (let network = 10; network < 20; network += 1) await loginFrom(`203.0.${network}.1`);
  expect(await noticesOf(api)).toHaveLength(13);
});

it("adds no recipient to a mail, whatever a user agent contains (header injection)", async () => {
  await using api = await createTestApi();
  await api.caller().auth.register(ada);
  const user_agent = "x\r\nBcc: mallory@example.org\r\n\r\n<b>";
  await api.caller(undefined, { user_agent }).auth.login(ada);
  expect((await noticesOf(api)).map(({ to }) => to)).toEqual([ada.email]);
});

async function noticesOf(api: TestApi) {
  return (await readMails(api)).filter(({ template }) => template === "new_device");
}
