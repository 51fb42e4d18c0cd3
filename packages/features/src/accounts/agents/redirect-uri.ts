const loopbackHosts: ReadonlySet<string> = new Set(["127.0.0.1", "[::1]", "localhost"]);

/**
 * Whether a browser may be sent to a URI with a code: over HTTPS, or to this machine (RFC 8252, 7.3). Schemes of programs are not taken:
 * any program can claim them.
 */
export function isRedirectUri(text: string): boolean {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || url.hash !== "" || text.includes("#")) return false;
  if (url.username !== "" || url.password !== "") return false;
  return url.protocol === "https:" || isLoopback(url);
}

/** Whether a URI is one of those that a client has named: the same text, but for the port on this machine (RFC 8252, 7.3). */
export function isNamedUri(asked: string, named: readonly string[]): boolean {
  if (named.includes(asked)) return true;
  const portless = withoutPort(asked);
  return portless !== undefined && named.some((each) => withoutPort(each) === portless);
}

/** Where a URI leads, as it is shown to people. */
export function redirectHostOf(uri: string): string {
  return new URL(uri).host;
}

/** @returns undefined for what is not on this machine */
function withoutPort(text: string): string | undefined {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !isLoopback(url)) return undefined;
  url.port = "";
  return url.href;
}

function isLoopback({ protocol, hostname }: URL): boolean {
  return protocol === "http:" && loopbackHosts.has(hostname);
}
