import type { TestApi } from "./create-test-api.ts";

/** What a user's audit log has, oldest first, as the database has it. */
export async function readEvents(
  { deps }: Pick<TestApi, "deps">,
  email: string,
): Promise<{ type: string; details: unknown }[]> {
  return deps.db
    .selectFrom("audit_events")
    .innerJoin("users", "users.id", "audit_events.user_id")
    .select(["audit_events.type", "audit_events.details"])
    .where("users.email", "=", email)
    .orderBy("audit_events.position")
    .execute();
}
