import type { Database } from "@obsqra/db";
import { sql } from "kysely";
import { type DataVersion, dataVersion, readRow } from "./served-data.fragments.ts";

/** What figures of a market source rest on now. */
export async function findDataVersion(db: Database, source: string): Promise<DataVersion> {
  const { version } = await readRow(
    db,
    sql<{ version: DataVersion }>`select ${dataVersion(source)} as version`,
  );
  return version;
}
