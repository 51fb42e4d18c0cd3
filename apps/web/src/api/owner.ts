import { useSyncExternalStore } from "react";

const key = "obsqra.owner";
const listeners = new Set<() => void>();

/** The organisation that this tab acts for; undefined where it acts for whoever is signed in. */
export function readOwner(): string | undefined {
  return sessionStorage.getItem(key) ?? undefined;
}

/** Has this tab act for an organisation from now on. Forget what was read before. */
export function writeOwner(id: string | undefined): void {
  if (id === undefined) sessionStorage.removeItem(key);
  else sessionStorage.setItem(key, id);
  for (const listener of listeners) listener();
}

/** The organisation that this tab acts for, as it changes. */
export function useOwner(): string | undefined {
  return useSyncExternalStore(onOwnerChange, readOwner);
}

function onOwnerChange(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
