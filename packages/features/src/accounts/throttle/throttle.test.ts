import { expect, it } from "vitest";
import { depsFrom, guessAtAda, waitOf } from "../../testing/count-attempts.ts";
import { createTestApi, errorOf, type TestApi } from "../../testing/index.ts";
import { type Attempt, clearAttempts } from "./throttle.service.ts";

const minuteMs = 60_000;

async function countTimes(api: TestApi, times: number, ip: string, attempt?: Attempt): Promise<void> {
  for (let count = 0; count < times; count += 1) expect(await waitOf(api, ip, attempt)).toBe(0);
}

it("lets five attempts at an email through, then makes each wait twice as long as the last, up to 15 minutes", async () => {
  await using api = await createTestApi();
  await countTimes(api, 5, "203.0.113.7");
  const waits: number[] = [];
  for (let attempt = 0; attempt < 13; attempt += 1) {
    const seconds = await waitOf(api, "203.0.113.7");
    waits.push(seconds);
    api.clock.advance(seconds * 1000 - 1);
    expect(await waitOf(api, "203.0.113.7")).toBe(1);
    api.clock.advance(1);
    expect(await waitOf(api, "203.0.113.7")).toBe(0);
  }
  expect(waits).toEqual([1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900, 900]);
});

it("does not count an attempt that it refuses, so that impatience makes no wait longer", async () => {
  await using api = await createTestApi();
  await countTimes(api, 6 - 1, "203.0.113.7");
  for (let attempt = 0; attempt < 20; attempt += 1) expect(await waitOf(api, "203.0.113.7")).toBe(1);
  const rows = await api.deps.db.selectFrom("auth_throttle").select("attempts").execute();
  expect(rows).toEqual([{ attempts: 5 }, { attempts: 5 }]);
});

it("lets nobody lock a victim out: other ips are not slowed down", async () => {
  await using api = await createTestApi();
  await countTimes(api, 5, "198.51.100.66");
  expect(await waitOf(api, "198.51.100.66")).toBe(1);
  expect(await waitOf(api, "203.0.113.7")).toBe(0);
});

it("slows down an ip that tries one password on many emails", async () => {
  await using api = await createTestApi();
  for (let user = 0; user < 50; user += 1) {
    const attempt: Attempt = { purpose: "password", subject: `${user}@example.org` };
    expect(await waitOf(api, "203.0.113.7", attempt)).toBe(0);
  }
  expect(await waitOf(api, "203.0.113.7")).toBe(1);
  expect(await waitOf(api, "203.0.113.8")).toBe(0);
  api.clock.advance(15 * minuteMs);
  await countTimes(api, 5, "203.0.113.7");
});

it("takes a whole /64 of IPv6 for one ip, and an IPv4 address written as IPv6 for the same", async () => {
  await using api = await createTestApi();
  for (const last of ["1", "2", "ffff", "a:b", "1:2:3:4"]) {
    expect(await waitOf(api, `2001:db8:7:7:${last.split(":").length === 4 ? last : `:${last}`}`)).toBe(0);
  }
  expect(await waitOf(api, "2001:db8:7:7::99")).toBe(1);
  expect(await waitOf(api, "2001:db8:7:8::99")).toBe(0);
  await countTimes(api, 5, "203.0.113.7");
  expect(await waitOf(api, "::ffff:203.0.113.7")).toBe(1);
});

it("forgets the attempts on an email after a success, but not those of the ip", async () => {
  await using api = await createTestApi({ throttleLimits: { perEmailAndIp: 2, perIp: 6 } });
  await countTimes(api, 2, "203.0.113.7", { purpose: "password", subject: "bob@example.org" });
  for (let success = 0; success < 10; success += 1) {
    await countTimes(api, 1, "203.0.113.7");
    await clearAttempts(depsFrom(api, "203.0.113.7"), guessAtAda);
  }
  await countTimes(api, 2, "203.0.113.7");
  expect(await waitOf(api, "203.0.113.7")).toBe(1);
  expect(await waitOf(api, "203.0.113.7", { purpose: "password", subject: "bob@example.org" })).toBe(1);
  await countTimes(api, 2, "203.0.113.7", { purpose: "password", subject: "carol@example.org" });
  expect(await waitOf(api, "203.0.113.7", { purpose: "password", subject: "dave@example.org" })).toBe(1);
});

it("starts anew after a day", async () => {
  await using api = await createTestApi();
  await countTimes(api, 5, "203.0.113.7");
  api.clock.advance(24 * 60 * minuteMs);
  await countTimes(api, 5, "203.0.113.7");
  expect(await waitOf(api, "203.0.113.7")).toBe(1);
});

it("sends three mails an hour to an address, and twenty for an ip, whoever the address belongs to", async () => {
  await using api = await createTestApi();
  await countTimes(api, 3, "203.0.113.7", { purpose: "email", subject: "ada@example.org" });
  expect(await waitOf(api, "203.0.113.7", { purpose: "email", subject: "ada@example.org" })).toBe(3600);
  for (let user = 0; user < 17; user += 1) {
    await countTimes(api, 1, "203.0.113.7", { purpose: "email", subject: `${user}@example.org` });
  }
  expect(await waitOf(api, "203.0.113.7", { purpose: "email", subject: "last@example.org" })).toBe(3600);
  // Passwords are counted apart.
  await countTimes(api, 5, "203.0.113.7");
  api.clock.advance(60 * minuteMs);
  await countTimes(api, 3, "203.0.113.7", { purpose: "email", subject: "ada@example.org" });
});

it("tells for known and unknown emails alike how long to wait", async () => {
  await using api = await createTestApi();
  await api.signUp("ada@example.org");
  const messages = [];
  for (const email of ["ada@example.org", "nobody@example.org"]) {
    for (let attempt = 0; attempt < 5; attempt += 1) {
      await api.caller().auth.login({ email, password: "wrong" }).catch(String);
    }
    const error = await errorOf(api.caller().auth.login({ email, password: "wrong" }));
    messages.push([error?.code, error?.details]);
  }
  expect(messages[0]).toEqual(["TOO_MANY_ATTEMPTS", { retry_after_seconds: 1 }]);
  expect(messages[1]).toEqual(messages[0]);
});

it("keeps no address", async () => {
  await using api = await createTestApi();
  await countTimes(api, 1, "203.0.113.7");
  const rows = await api.deps.db.selectFrom("auth_throttle").select("key").execute();
  expect(rows.map(({ key }) => key.length)).toEqual([32, 32]);
});
