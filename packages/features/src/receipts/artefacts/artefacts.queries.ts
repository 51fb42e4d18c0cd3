import type { Database } from "@obsqra/db";
import { sql } from "kysely";

/** A part of a file by its hash: of market data compressed, of a model as it is. */
export interface ArtefactPartRow {
  readonly is_compressed: boolean;
  /** Of the whole file. */
  readonly size: number;
  readonly part: Uint8Array;
}

/** @param from where the part begins, counted from 0 */
export async function findArtefactPart(
  db: Database,
  sha256: string,
  { from, bytes }: { readonly from: number; readonly bytes: number },
): Promise<ArtefactPartRow | undefined> {
  const { rows } = await sql<ArtefactPartRow>`
    select true as is_compressed, octet_length(gzip) as size,
      substring(gzip from cast(${from + 1} as integer) for cast(${bytes} as integer)) as part
    from artefacts where sha256 = ${sha256}
    union all
    select false, octet_length(artefact),
      substring(artefact from cast(${from + 1} as integer) for cast(${bytes} as integer))
    from models where artefact_sha256 = ${sha256} and artefact is not null
    limit 1`.execute(db);
  return rows[0];
}
