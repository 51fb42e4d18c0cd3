import { expect } from "vitest";
import { type Attempt, countAttempt } from "../accounts/throttle/throttle.service.ts";
import type { TestApi } from "./create-test-api.ts";

/** A guess at the password of ada@example.org. */
export const guessAtAda: Attempt = { purpose: "password", subject: "ada@example.org" };

/** What counting attempts uses, for a request from an address. */
export function depsFrom({ deps }: TestApi, ip: string) {
  return { ...deps, request: { id: "test", access_token: undefined, ip, user_agent: undefined } };
}

/** Seconds that an attempt has to wait; 0 when it was let through. */
export async function waitOf(api: TestApi, ip: string, attempt: Attempt = guessAtAda): Promise<number> {
  const error = await countAttempt(depsFrom(api, ip), attempt).then(
    () => undefined,
    (thrown) => thrown,
  );
  if (error === undefined) return 0;
  expect(error.code).toBe("TOO_MANY_ATTEMPTS");
  return error.details.retry_after_seconds;
}
