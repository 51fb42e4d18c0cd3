import { useSyncExternalStore } from "react";
import { onSessionChange, readTokens } from "./client.ts";

/** Whether somebody is signed in, as far as this browser knows. */
export function useIsSignedIn(): boolean {
  return useSyncExternalStore(onSessionChange, () => readTokens() !== undefined);
}
