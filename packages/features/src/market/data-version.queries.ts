import { type Database, defineStatement, type Placeholders } from "@obsqra/db";
import { sql } from "kysely";
import { type DataVersion, dataVersion, theRow } from "./served-data.fragments.ts";

/** What figures of a market source rest on now. */
export async function findDataVersion(db: Database, source: string): Promise<DataVersion> {
  return theRow(await versionOfData.first(db, { source })).version;
}

const versionOfData = defineStatement(
  (_db, { source }: Placeholders<{ source: string }>) =>
    sql<{ version: DataVersion }>`select ${dataVersion(source)} as version`,
);
