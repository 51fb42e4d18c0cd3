/** Where to go once somebody is signed in. */
export interface SignInView {
  readonly next?: string | undefined;
}

/** Reads it from an address, which anybody may have written: only paths of these pages are gone to. */
export function readSignInView(search: Record<string, unknown>): SignInView {
  const { next } = search;
  return typeof next === "string" && /^\/[a-z]/.test(next) ? { next } : {};
}
