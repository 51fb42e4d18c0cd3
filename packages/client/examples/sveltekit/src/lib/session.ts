import { createClient, renewTokens, type StoredTokens } from "@obsqra/client";
import type { Cookies } from "@sveltejs/kit";

const url = "http://localhost:8000";
const cookieName = "obsqra";
/** No script of the page reads it, and no other site's form sends it along. SvelteKit adds `secure`, but for localhost. */
const cookieOptions = { httpOnly: true, sameSite: "lax", path: "/", maxAge: 14 * 24 * 60 * 60 } as const;

/** A client for one request, with the tokens of its cookie, renewed while the cookie can still be written. */
export async function createServerClient(cookies: Cookies) {
  let tokens = read(cookies.get(cookieName));
  if (tokens !== undefined) {
    // Where the service is away, the page says so: it is not there for the page either.
    const renewed = await renewTokens({ url, tokens }).catch(() => tokens);
    if (renewed !== tokens) write(renewed);
    tokens = renewed;
  }
  return createClient({ url, tokens: { read: () => tokens, write, clear: () => write(undefined) } });

  function write(next: StoredTokens | undefined): void {
    tokens = next;
    if (next === undefined) cookies.delete(cookieName, cookieOptions);
    else cookies.set(cookieName, JSON.stringify(next), cookieOptions);
  }
}

function read(value: string | undefined): StoredTokens | undefined {
  try {
    return JSON.parse(value ?? "") as StoredTokens;
  } catch {
    return undefined;
  }
}
