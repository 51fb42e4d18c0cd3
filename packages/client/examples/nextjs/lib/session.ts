import { createClient, type StoredTokens } from "@obsqra/client";
import { cookies } from "next/headers";

export const serviceUrl = process.env.OBSQRA_URL ?? "http://localhost:8000";
export const cookieName = "obsqra";
/** No script of the page reads it, and no other site's form sends it along. */
export const cookieOptions = {
  httpOnly: true,
  sameSite: "lax",
  secure: process.env.NODE_ENV === "production",
  path: "/",
  maxAge: 14 * 24 * 60 * 60,
} as const;

export function parseTokens(value: string | undefined): StoredTokens | undefined {
  try {
    const tokens = JSON.parse(value ?? "") as Partial<StoredTokens>;
    const { access_token, refresh_token, expires_at_ms } = tokens;
    return access_token && refresh_token ? { access_token, refresh_token, expires_at_ms } : undefined;
  } catch {
    return undefined;
  }
}

/** A client for this one request, which renews nothing: `proxy.ts` has done so before. */
export async function createServerClient() {
  const tokens = parseTokens((await cookies()).get(cookieName)?.value);
  return createClient({ url: serviceUrl, tokens: { read: () => tokens } });
}
