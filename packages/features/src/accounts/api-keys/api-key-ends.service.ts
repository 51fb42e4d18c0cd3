import type { EventPayload } from "@obsqra/contract";
import type { DatabaseTransaction } from "@obsqra/db";
import type { Emit } from "@obsqra/platform";
import { revokeApiKeys } from "./api-keys.queries.ts";

/** Why an API key stopped working before its time, as its event tells it. */
export type ApiKeyEndReason = EventPayload<"api_key.revoked">["reason"];

/** Whose keys end, and why. */
export interface EndingApiKeys {
  readonly user_id: string;
  readonly reason: ApiKeyEndReason;
  /** Only those that were made before this moment. @default all */
  readonly made_before?: Date | null;
  readonly now: Date;
}

/**
 * Revokes the API keys of a user that still work, and emits an event for each. Lock the account before.
 *
 * @returns how many there were
 */
export async function endApiKeys(
  trx: DatabaseTransaction,
  emit: Emit,
  ending: EndingApiKeys,
): Promise<number> {
  const ended = await revokeApiKeys(trx, ending);
  for (const id of ended) emitApiKeyEnd(emit, { ...ending, id });
  return ended.length;
}

/** Tells of a key that has ended, for who ends it in a statement of its own. */
export function emitApiKeyEnd(
  emit: Emit,
  { id, user_id, reason }: Pick<EndingApiKeys, "user_id" | "reason"> & { readonly id: string },
): void {
  emit({ type: "api_key.revoked", subject: id, owner_id: user_id, payload: { user_id, reason } });
}
