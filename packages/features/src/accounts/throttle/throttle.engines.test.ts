import { expect, it } from "vitest";
import { depsFrom, waitOf } from "../../testing/count-attempts.ts";
import { createTestApi } from "../../testing/index.ts";
import { type Attempt, clearAttempts } from "./throttle.service.ts";

it("lets parallel attempts get past the limit no more than one by one", async () => {
  await using api = await createTestApi();
  const waits = await Promise.all(Array.from({ length: 20 }, () => waitOf(api, "203.0.113.7")));
  expect(waits.filter((seconds) => seconds === 0)).toHaveLength(5);
  expect(waits.filter((seconds) => seconds === 1)).toHaveLength(15);
});

it("lets parallel attempts on many emails, some of which succeed, through without waiting for each other forever", async () => {
  await using api = await createTestApi({ throttleLimits: { perEmailAndIp: 5, perIp: 1000 } });
  const attempts = Array.from({ length: 200 }, async (_, index) => {
    const attempt: Attempt = { purpose: "password", subject: `${index % 7}@example.org` };
    const wait = await waitOf(api, "203.0.113.7", attempt);
    if (index % 3 === 0) await clearAttempts(depsFrom(api, "203.0.113.7"), attempt);
    return wait;
  });
  expect((await Promise.all(attempts)).every((seconds) => seconds <= 2)).toBe(true);
});
