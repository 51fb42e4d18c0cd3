/** The site that passkeys belong to: browsers offer and use them nowhere else. */
export interface RelyingParty {
  /** A domain without a port. */
  readonly id: string;
  /** Where it may be signed in from. */
  readonly origins: readonly string[];
}

/**
 * The site of a deployment: the host that its frontend is at, and the origins of it and of the server that lie below.
 *
 * @param appUrl where the frontend is
 * @param publicUrl where the server is
 */
export function relyingPartyOf(appUrl: string, publicUrl: string): RelyingParty {
  const id = new URL(appUrl).hostname;
  const isOfIt = ({ hostname }: URL) => hostname === id || hostname.endsWith(`.${id}`);
  const origins = [appUrl, publicUrl].map((url) => new URL(url)).filter(isOfIt);
  return { id, origins: [...new Set(origins.map(({ origin }) => origin))] };
}
