import type { Sealer } from "@obsqra/platform";
import { z } from "zod";

/** Says what it is for, so that nothing else that the service seals can stand in for it. */
const unsubscription = z.strictObject({ purpose: z.literal("unsubscribe from alerts"), owner_id: z.uuid() });

/**
 * Makes the token of a mail's link that ends alerts. It does nothing else, names nobody to who has it, and is good for as long as the
 * secret that sealed it is configured.
 */
export function sealUnsubscription(sealer: Sealer, ownerId: string): string {
  const token = { purpose: "unsubscribe from alerts", owner_id: ownerId } as const;
  return Buffer.from(sealer.seal(JSON.stringify(token))).toString("base64url");
}

/** @returns whose alerts a token ends; undefined for what this service has not made for that */
export function openUnsubscription(sealer: Sealer, token: string): string | undefined {
  try {
    const text = sealer.open(Buffer.from(token, "base64url"));
    return unsubscription.safeParse(JSON.parse(text)).data?.owner_id;
  } catch {
    return undefined;
  }
}
