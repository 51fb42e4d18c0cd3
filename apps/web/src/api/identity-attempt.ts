import { obsqra } from "./client.ts";
import { sitePath } from "./site.ts";

/** What this tab was sent to a provider for. */
export interface IdentityAttempt {
  /** The secret that the service takes with the answer; it stays in this tab. */
  readonly attempt: string;
  readonly provider: string;
  readonly purpose: "login" | "link";
  /** Where to go then: a path of these pages. */
  readonly next: string;
}

const key = "obsqra.identity";

/** Goes to a provider, to sign in or to link an identity there. */
export async function goToProvider(wish: Omit<IdentityAttempt, "attempt">): Promise<void> {
  const { provider, purpose } = wish;
  const begin = purpose === "login" ? obsqra.auth.begin_identity_login : obsqra.auth.begin_identity_link;
  const { attempt, authorization_url } = await begin.mutate({ provider });
  sessionStorage.setItem(key, JSON.stringify({ ...wish, attempt }));
  location.assign(authorization_url);
}

/** What a tab has come back with from a provider. */
export interface Arrival {
  readonly begun: IdentityAttempt;
  readonly answer: string;
}

const answer = takeAnswer();

/** What was begun in this tab and answered, once; undefined where it was not begun here. */
export function takeArrival(): Arrival | undefined {
  const text = sessionStorage.getItem(key);
  sessionStorage.removeItem(key);
  if (text === null || answer === "") return undefined;
  // Only `goToProvider` has written there.
  return { begun: JSON.parse(text) as IdentityAttempt, answer };
}

/** Takes the answer out of the address, so that it stays neither in the history nor on the screen. Run before anything else reads it. */
function takeAnswer(): string {
  if (location.pathname !== `${sitePath}/account/identity` || location.hash === "") return "";
  const given = location.hash.slice(1);
  history.replaceState(history.state, "", location.pathname);
  return given;
}
