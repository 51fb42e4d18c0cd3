import type { DatabaseTransaction } from "@obsqra/db";
import { endAllAccess } from "./account-access.queries.ts";

/** Makes everything stop working that lets somebody act for a user, but for the password. */
export async function endAccountAccess(
  deps: { readonly db: DatabaseTransaction; readonly clock: () => Date },
  access: { readonly user_id: string; readonly reason: string },
): Promise<void> {
  await endAllAccess(deps.db, { ...access, now: deps.clock() });
}
