import { createClient, isObsqraError, renewTokens, type StoredTokens } from "@obsqra/client";

const url = "http://localhost:8000";

/** In the middleware, which can write cookies: what it returns goes into the cookie, of the request and of the response. */
export async function beforeRendering(tokens: StoredTokens | undefined): Promise<StoredTokens | undefined> {
  return tokens && renewTokens({ url, tokens });
}

/** While a page is rendered, where cookies can only be read: a client for this one request. */
export async function render(tokens: StoredTokens | undefined): Promise<string> {
  const obsqra = createClient({ url, tokens: { read: () => tokens } });
  try {
    return `Signed in as ${(await obsqra.auth.me.query()).email}`;
  } catch (error) {
    // The middleware was not there, or the session has ended since.
    if (isObsqraError(error, "SESSION_READ_ONLY") || isObsqraError(error, "UNAUTHENTICATED"))
      return "Sign in";
    throw error;
  }
}
