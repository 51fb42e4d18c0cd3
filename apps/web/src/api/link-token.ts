import { sitePath } from "./site.ts";

const listeners = new Set<() => void>();
let token: string | undefined;

takeToken();
// Another link that is opened in the same tab changes the fragment only.
addEventListener("hashchange", takeToken);

/** The token of the mailed link that was opened; undefined when it had none, or the token was used. */
export function readLinkToken(): string | undefined {
  return token;
}

/** Forgets the token, once it is used. */
export function dropLinkToken(): void {
  token = undefined;
  for (const listener of listeners) listener();
}

/** Calls back when another link was opened. */
export function onLinkToken(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/**
 * Takes the token of a mailed link out of the address, so that it stays neither in the history nor on the screen. Run before anything else
 * reads the address.
 */
function takeToken(): void {
  if (!location.pathname.startsWith(`${sitePath}/account/`) || location.hash === "") return;
  const given = new URLSearchParams(location.hash.slice(1)).get("token");
  history.replaceState(history.state, "", location.pathname);
  if (given === null) return;
  token = given;
  for (const listener of listeners) listener();
}
