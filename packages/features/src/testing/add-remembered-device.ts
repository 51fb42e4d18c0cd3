import type { TestApi } from "./create-test-api.ts";

/**
 * Remembers a device of a user, written directly: by the API it takes a second factor, which would end the sessions of a test.
 *
 * @returns its id
 */
export async function addRememberedDevice({ deps, clock }: TestApi, user_id: string): Promise<string> {
  const now = clock();
  const device = {
    id: deps.createId(),
    user_id,
    token_hash: deps.randomBytes(32),
    ip: "203.0.113.7",
    user_agent: "test",
    created_at: now,
    last_used_at: now,
    expires_at: new Date(now.getTime() + 30 * 86_400_000),
  };
  await deps.db.insertInto("remembered_devices").values(device).execute();
  return device.id;
}
