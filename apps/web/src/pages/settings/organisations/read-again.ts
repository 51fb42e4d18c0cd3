import { queries, queryClient } from "../../../api/client.ts";

/** Has everything about organisations read again. */
export function readOrganisationsAgain(): Promise<void> {
  return queryClient.invalidateQueries({ queryKey: queries.organisations.pathKey() });
}
