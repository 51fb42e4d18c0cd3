import { useQuery } from "@tanstack/react-query";
import { useSyncExternalStore } from "react";
import { onSessionChange, queries, readTokens } from "./client.ts";

/** Whether somebody is signed in, as far as this browser knows. */
export function useIsSignedIn(): boolean {
  return useSyncExternalStore(onSessionChange, () => readTokens() !== undefined);
}

/** Who is signed in; undefined while that is not known. */
export function useMe() {
  const isSignedIn = useIsSignedIn();
  return useQuery({ ...queries.auth.me.queryOptions(), enabled: isSignedIn, refetchInterval: false });
}
