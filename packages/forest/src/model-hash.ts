/**
 * The SHA-256 of a serialised model as 64 lower-case hex digits: equal for equal models, wherever they were fitted.
 * Asynchronous because it uses Web Crypto, which Node and browsers share (browsers offer it to secure pages only).
 *
 * @example await modelSha256(serializeModel(model))
 */
export async function modelSha256(bytes: Uint8Array): Promise<string> {
  // The copy turns a view on shared memory, which Web Crypto refuses, into one that it accepts.
  const digest = await crypto.subtle.digest("SHA-256", Uint8Array.from(bytes));
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
