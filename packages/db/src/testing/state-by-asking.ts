import type { Database } from "../database.ts";
import { isDatabaseReachable } from "../is-database-reachable.ts";
import type { OpenDatabase } from "../open-database.ts";

/** The state of a database of which only the handle is known. */
export function stateByAsking(db: Database): Pick<OpenDatabase, "state"> {
  return { state: async () => ((await isDatabaseReachable(db)) ? "up" : "down") };
}
