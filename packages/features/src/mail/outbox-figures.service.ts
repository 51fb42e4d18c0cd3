import type { Database } from "@obsqra/db";
import { findOutboxFigures } from "./outbox.queries.ts";

/** How much mail waits, and since when. */
export async function getOutboxFigures({
  db,
}: {
  readonly db: Database;
}): ReturnType<typeof findOutboxFigures> {
  return findOutboxFigures(db);
}
