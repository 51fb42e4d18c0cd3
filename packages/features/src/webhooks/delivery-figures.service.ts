import type { Database } from "@obsqra/db";
import { type DeliveryFigures, findDeliveryFigures } from "./sending.queries.ts";

/** What waits to be sent to webhooks, and what became of what was sent lately. */
export async function getDeliveryFigures({
  db,
  clock,
}: {
  readonly db: Database;
  readonly clock: () => Date;
}): Promise<DeliveryFigures | undefined> {
  return findDeliveryFigures(db, clock());
}
