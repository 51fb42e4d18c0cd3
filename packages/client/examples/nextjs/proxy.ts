import { renewTokens } from "@obsqra/client";
import { type NextRequest, NextResponse } from "next/server";
import { cookieName, cookieOptions, parseTokens, serviceUrl } from "./lib/session";

/** Renews the session where cookies can be written, before a page that can only read them is rendered. */
export async function proxy(request: NextRequest): Promise<NextResponse> {
  const tokens = parseTokens(request.cookies.get(cookieName)?.value);
  if (tokens === undefined) return NextResponse.next();
  // Where the service is away, the page says so: it is not there for the page either.
  const renewed = await renewTokens({ url: serviceUrl, tokens }).catch(() => tokens);
  if (renewed === tokens) return NextResponse.next();
  // The page of this request reads the first, the browser keeps the second.
  if (renewed === undefined) request.cookies.delete(cookieName);
  else request.cookies.set(cookieName, JSON.stringify(renewed));
  const response = NextResponse.next({ request: { headers: request.headers } });
  if (renewed === undefined) response.cookies.delete(cookieName);
  else response.cookies.set(cookieName, JSON.stringify(renewed), cookieOptions);
  return response;
}

export const config = { matcher: ["/((?!_next/|favicon.ico).*)"] };
