import type { Fetch } from "./checked-fetch.ts";
import { createClient } from "./create-client.ts";
import { isObsqraError } from "./obsqra-error.ts";
import { type StoredTokens, toStored } from "./token-storage.ts";

/** Which tokens are renewed, and where. */
export interface RenewOptions {
  /** Where the service is, as `createClient` takes it. */
  readonly url: string;
  readonly tokens: StoredTokens;
  /**
   * Renews when the access token lasts for less than this: by the clock here, right or wrong, for tokens that were stored with
   * `expires_at_ms`. For others a clock that is wrong by less is right enough.
   *
   * @default 600, a third of its life
   */
  readonly minSeconds?: number | undefined;
  /** @default globalThis.fetch */
  readonly fetch?: Fetch | undefined;
  /** Milliseconds since 1970. @default Date.now */
  readonly now?: (() => number) | undefined;
}

/**
 * Renews tokens before they are needed where they can only be read, as while a page is rendered on a server: call it where they can
 * still be written, such as a middleware, and write what it returns. Requests that come together with the same tokens get the same new
 * ones.
 *
 * @returns the tokens to go on with, which are the given ones while they last; undefined when the session is over
 * @throws ObsqraError when the service cannot be reached
 */
export async function renewTokens(options: RenewOptions): Promise<StoredTokens | undefined> {
  const { url, tokens, minSeconds = 600, fetch, now = Date.now } = options;
  const expiresAtMs = tokens.expires_at_ms ?? expiresAt(tokens.access_token) * 1_000;
  if (expiresAtMs - now() >= minSeconds * 1_000) return tokens;
  const { refresh_token } = tokens;
  try {
    const context = { idempotencyKey: await keyOf(refresh_token) };
    const { auth } = createClient({ url, fetch });
    const renewed = await auth.refresh.mutate({ refresh_token }, { context });
    return toStored(renewed, now);
  } catch (error) {
    const isOver = isObsqraError(error, "REFRESH_TOKEN_INVALID") || isObsqraError(error, "VALIDATION_FAILED");
    if (isOver) return undefined;
    throw error;
  }
}

/** Seconds since 1970, as the token (RFC 7519) says; 0 where it says nothing, so that it is renewed. */
function expiresAt(token: string): number {
  try {
    const [, payload = ""] = token.split(".");
    const claims: unknown = JSON.parse(atob(payload.replaceAll("-", "+").replaceAll("_", "/")));
    const isObject = typeof claims === "object" && claims !== null && "exp" in claims;
    return isObject && typeof claims.exp === "number" ? claims.exp : 0;
  } catch {
    return 0;
  }
}

/** The same for the same token, so that a renewal is done once whoever asks for it; a hash, since headers may be logged. */
async function keyOf(refreshToken: string): Promise<string | undefined> {
  const bytes = new TextEncoder().encode(`renew ${refreshToken}`);
  const digest = await globalThis.crypto?.subtle?.digest("SHA-256", bytes);
  return digest && Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
