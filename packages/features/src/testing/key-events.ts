import type { CreateApiKeyInput } from "@obsqra/contract";
import type { TestApi } from "./create-test-api.ts";

/** A key as somebody asks for it. */
export const report: CreateApiKeyInput = {
  name: "Nightly report",
  scopes: ["users:read", "analytics:read"],
  expires_in_days: 90,
};

/** Everything about keys that was told to a user, oldest first. */
export async function keyEvents(api: TestApi) {
  return api.deps.db
    .selectFrom("audit_events")
    .select(["type", "details"])
    .where("type", "like", "api_key_%")
    .orderBy("position")
    .execute();
}
