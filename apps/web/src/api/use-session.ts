import { startLiveUpdates } from "@obsqra/client/react-query";
import { useQuery } from "@tanstack/react-query";
import { useEffect, useSyncExternalStore } from "react";
import { obsqra, onSessionChange, queries, queryClient, readTokens } from "./client.ts";
import { useOwner } from "./owner.ts";

/** Whether somebody is signed in, as far as this browser knows. */
export function useIsSignedIn(): boolean {
  return useSyncExternalStore(onSessionChange, () => readTokens() !== undefined);
}

/** Has what is shown read again when something happens, as long as somebody is signed in; tabs share one stream. */
export function useLiveUpdates(): void {
  const isSignedIn = useIsSignedIn();
  const { data } = useQuery({
    ...queries.auth.me.queryOptions(),
    enabled: isSignedIn,
    refetchInterval: false,
  });
  const userId = isSignedIn ? data?.id : undefined;
  const owner = useOwner();
  useEffect(() => {
    if (userId === undefined) return;
    return startLiveUpdates({
      client: obsqra,
      queries,
      queryClient,
      name: `events of ${owner ?? userId} for ${userId}`,
    });
  }, [userId, owner]);
}
