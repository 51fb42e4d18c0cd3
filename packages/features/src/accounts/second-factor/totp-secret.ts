import type { Sealer } from "@obsqra/platform";

/** Seals a secret together with whose it is, so that it cannot be put into another user's row. */
export function sealTotpSecret(sealer: Sealer, userId: string, secret: string): Uint8Array {
  return sealer.seal(JSON.stringify([userId, secret]));
}

/** @throws Error when it was sealed with none of the keys, was changed, or is another user's */
export function openTotpSecret(sealer: Sealer, userId: string, sealed: Uint8Array): string {
  // Only `sealTotpSecret` seals them.
  const [owner, secret] = JSON.parse(sealer.open(sealed)) as [string, string];
  if (owner !== userId) throw new Error("The secret of a second factor is another user's.");
  return secret;
}
