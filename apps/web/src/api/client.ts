import { createClient, type StoredTokens, type TokenStorage } from "@obsqra/client";
import { createQueries } from "@obsqra/client/react-query";
import { QueryClient } from "@tanstack/react-query";
import { fetchEarly } from "./fetch-early.ts";
import { readOwner, writeOwner } from "./owner.ts";
import { sitePath } from "./site.ts";

const key = "obsqra.tokens";

/** Whether the session outlives the browser's window. */
export function keepSignedIn(isKept: boolean): void {
  const tokens = readTokens();
  localStorage.removeItem(key);
  sessionStorage.removeItem(key);
  place = isKept ? localStorage : sessionStorage;
  if (tokens !== undefined) place.setItem(key, JSON.stringify(tokens));
}

/** Where tokens are written: in this tab only, unless somebody wants to stay signed in. */
let place: Storage = localStorage.getItem(key) === null ? sessionStorage : localStorage;

/** The tokens of whoever is signed in. */
export function readTokens(): StoredTokens | undefined {
  const text = sessionStorage.getItem(key) ?? localStorage.getItem(key);
  // Only `write` has written there.
  return text === null ? undefined : (JSON.parse(text) as StoredTokens);
}

const leftKey = "obsqra.left";

/** Whether somebody has signed out, instead of a session having ended by itself. */
export function hasLeft(): boolean {
  return (sessionStorage.getItem(leftKey) ?? localStorage.getItem(leftKey)) !== null;
}

/** Signs out of this browser, also where the server was told already, or could not be. */
export function leave(): void {
  place.setItem(leftKey, "yes");
  forget();
  writeOwner(undefined);
  forgetResponses();
}

/** Has this tab act for an organisation, or for whoever is signed in; what is shown is read again. */
export function actFor(organisationId: string | undefined): void {
  writeOwner(organisationId);
  forgetResponses();
}

/** Forgets what was read for one user before another comes; what is shown is read again. */
export function forgetResponses(): void {
  void queryClient.resetQueries();
}

const tokens: TokenStorage = {
  read: readTokens,
  write: (written) => {
    place.setItem(key, JSON.stringify(written));
    sessionStorage.removeItem(leftKey);
    localStorage.removeItem(leftKey);
    announce();
  },
  clear: forget,
};

function forget(): void {
  localStorage.removeItem(key);
  sessionStorage.removeItem(key);
  announce();
}

const listeners = new Set<() => void>();

/** Calls back when somebody signs in or out, here or in another tab. */
export function onSessionChange(listener: () => void): () => void {
  listeners.add(listener);
  addEventListener("storage", listener);
  return () => {
    listeners.delete(listener);
    removeEventListener("storage", listener);
  };
}

function announce(): void {
  for (const listener of listeners) listener();
}

export const obsqra = createClient({ url: sitePath, tokens, owner: readOwner, fetch: fetchEarly });
export const queries = createQueries(obsqra);

const minuteMs = 60_000;

export const queryClient = new QueryClient({
  defaultOptions: {
    queries: { staleTime: minuteMs, refetchInterval: 2 * minuteMs, refetchIntervalInBackground: false },
  },
});
