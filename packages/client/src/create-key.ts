/**
 * An idempotency key that nobody can guess; undefined where there is no randomness to make it of.
 * `crypto.randomUUID` is left out by browsers on pages without TLS.
 */
export function createKey(): string | undefined {
  const bytes = globalThis.crypto?.getRandomValues(new Uint8Array(16));
  return bytes && Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
