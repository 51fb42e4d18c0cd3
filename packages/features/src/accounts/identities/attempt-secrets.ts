import { createHmac } from "node:crypto";

/** What ties an answer of a provider to the browser that has asked. */
export interface AttemptSecrets {
  /** Comes back in the address, and shows that the browser was sent away for this. */
  readonly state: string;
  /** Comes back in the ID token, and shows that it was made for this. */
  readonly nonce: string;
  /** Whoever exchanges the code has to know it (PKCE, RFC 7636). */
  readonly codeVerifier: string;
}

/**
 * Makes all three of the one secret that the browser keeps, so that none of them is stored: whoever reads the database could not answer, and a
 * browser that does not have the secret cannot be made to. 256 bits each.
 */
export function secretsOf(attempt: string): AttemptSecrets {
  const derive = (name: string) => createHmac("sha256", attempt).update(name).digest("base64url");
  return { state: derive("state"), nonce: derive("nonce"), codeVerifier: derive("code verifier") };
}
