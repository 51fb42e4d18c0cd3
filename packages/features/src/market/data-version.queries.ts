import { type Database, defineStatement, type Placeholders } from "@obsqra/db";
import { sql } from "kysely";
import { type DataVersion, dataVersion, type SourceNow, theRow } from "./served-data.fragments.ts";

/** What figures of a market source rest on now. */
export async function findDataVersion(db: Database, asked: SourceNow): Promise<DataVersion> {
  return theRow(await versionOfData.first(db, asked)).version;
}

const versionOfData = defineStatement(
  (_db, asked: Placeholders<SourceNow>) =>
    sql<{ version: DataVersion }>`select ${dataVersion(asked)} as version`,
  { isShared: true },
);
