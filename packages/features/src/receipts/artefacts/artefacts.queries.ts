import type { Database } from "@obsqra/db";
import { sql } from "kysely";

/** A file by its hash: of market data compressed, of a model as it is. */
export interface ArtefactRow {
  readonly gzip: Uint8Array | null;
  readonly model: Uint8Array | null;
}

export async function findArtefact(db: Database, sha256: string): Promise<ArtefactRow | undefined> {
  const { rows } = await sql<ArtefactRow>`
    select gzip, null::bytea as model from artefacts where sha256 = ${sha256}
    union all
    select null, artefact from models where artefact_sha256 = ${sha256} and artefact is not null
    limit 1`.execute(db);
  return rows[0];
}
