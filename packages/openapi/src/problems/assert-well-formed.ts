import type { IncomingMessage } from "node:http";
import { AppError } from "@obsqra/platform";

/** Of two of these, Node would take the first. Whoever stands between may take the other. */
const singleHeaders: ReadonlySet<string> = new Set(["host", "content-type", "authorization"]);

/**
 * Refuses what would otherwise be understood as something else than was sent: headers twice that may come once, a request
 * that does not say which host it is for, or names a user with it, and an address that is no address.
 *
 * @throws AppError MALFORMED_REQUEST
 */
export function assertWellFormed(request: IncomingMessage): void {
  if (!hasSingleHeaders(request) || namesUser(request) || !isAddress(request.url ?? "")) {
    throw new AppError("MALFORMED_REQUEST", undefined);
  }
}

/** RFC 9110, 5.3; and RFC 9112, 3.2: a request says which host it is for, unless it is older than HTTP/1.1. */
function hasSingleHeaders({ rawHeaders, headers, httpVersion }: IncomingMessage): boolean {
  const seen = new Set<string>();
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = rawHeaders[index]?.toLowerCase() ?? "";
    if (!singleHeaders.has(name)) continue;
    if (seen.has(name)) return false;
    seen.add(name);
  }
  return headers.host !== undefined || httpVersion === "1.0";
}

/** RFC 9110, 4.2.4: a name before the host is a mistake or a trick. */
function namesUser({ headers: { host = "" }, url = "" }: IncomingMessage): boolean {
  return host.includes("@") || /^[a-z]+:\/\/[^/?#]*@/i.test(url);
}

/**
 * RFC 3986: visible ASCII, and what is percent-encoded in the query is UTF-8. A path that is not is refused where it is
 * routed.
 */
function isAddress(url: string): boolean {
  if (!/^[\x21-\x7e]*$/.test(url)) return false;
  const query = url.indexOf("?");
  if (query === -1 || !url.includes("%", query)) return true;
  try {
    decodeURIComponent(url.slice(query));
    return true;
  } catch {
    return false;
  }
}
