import type { NextRequest } from "next/server";
import { cookieName, parseTokens, serviceUrl } from "../../../lib/session";

const sent = ["content-type", "idempotency-key"];
const returned = ["content-type", "retry-after"];

/** A route handler: it passes the browser's calls on to the service, with the token of the cookie. */
async function pass(request: NextRequest): Promise<Response> {
  const { pathname, search } = request.nextUrl;
  const tokens = parseTokens(request.cookies.get(cookieName)?.value);
  const headers = pick(request.headers, sent);
  if (tokens !== undefined) headers.set("authorization", `Bearer ${tokens.access_token}`);
  const response = await fetch(`${serviceUrl}${pathname}${search}`, {
    method: request.method,
    headers,
    ...(request.method === "POST" && { body: await request.text() }),
    cache: "no-store",
  });
  return new Response(response.body, { status: response.status, headers: pick(response.headers, returned) });
}

function pick(headers: Headers, names: readonly string[]): Headers {
  return new Headers([...headers].filter(([name]) => names.includes(name)));
}

export { pass as GET, pass as POST };
