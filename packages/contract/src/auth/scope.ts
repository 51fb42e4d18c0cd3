import { z } from "zod";

/** What an API key may be allowed to do, per feature: `read` asks, `write` changes. Each is the access of some endpoint. */
export const scope = z
  .enum([
    "users:read",
    "users:write",
    "analytics:read",
    "predictions:read",
    "predictions:write",
    "transactions:read",
    "transactions:write",
    "operations:read",
    "operations:write",
    "events:read",
    "webhooks:read",
    "webhooks:write",
  ])
  .meta({ id: "Scope" });
export type Scope = z.output<typeof scope>;

/** Whether an access is for operators only: users to whom `pnpm accounts grant-operator` has given their rights. */
export function isOperatorAccess(access: string): boolean {
  return access.startsWith("operations:");
}
