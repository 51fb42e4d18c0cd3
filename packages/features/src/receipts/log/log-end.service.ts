import type { Database } from "@obsqra/db";
import { countEntries, findCheckpoint } from "./log.queries.ts";

/** How many entries the transparency log has, and when its newest checkpoint was signed: undefined before the first. */
export async function getLogEnd({ db }: { readonly db: Database }): Promise<{
  readonly entries: number;
  readonly signed_at: Date | undefined;
}> {
  const checkpoint = await findCheckpoint(db);
  return { entries: await countEntries(db), signed_at: checkpoint?.signed_at };
}
