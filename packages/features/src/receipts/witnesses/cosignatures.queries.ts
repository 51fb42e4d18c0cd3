import type { Database, NewRow, Tables } from "@obsqra/db";
import { type RawBuilder, sql } from "kysely";

/** How many entries the newest tree has that a witness has cosigned; 0 before the first. */
export async function findWitnessedSize(db: Database, witness: string): Promise<number> {
  const { rows } = await sql<{ size: number }>`
    select coalesce(max(size), 0)::float8 as size from log_cosignatures where witness = ${witness}`.execute(
    db,
  );
  return rows[0]?.size ?? 0;
}

/** A checkpoint as it is published: with the lines of its witnesses. */
const cosignedNote = sql<string>`checkpoint.note || coalesce(
  (select string_agg(line || E'\n', '' order by cosigned_at, witness) from log_cosignatures
    where size = checkpoint.size), '')`;

/** The newest checkpoint with what witnesses have said of it; undefined before the first. */
export async function findCosignedCheckpoint(db: Database): Promise<string | undefined> {
  const { rows } = await sql<{ note: string }>`
    select ${cosignedNote} as note from log_checkpoints as checkpoint order by size desc limit 1`.execute(db);
  return rows[0]?.note;
}

/** The checkpoints with an entry that each witness has cosigned first, the smallest first. */
export async function listFirstCosignedCheckpoints(db: Database, leafIndex: number): Promise<string[]> {
  const { rows } = await sql<{ note: string }>`
    with recursive known (witness) as (
      select min(witness) from log_cosignatures
      union all select (select min(witness) from log_cosignatures where witness > known.witness)
      from known where known.witness is not null
    )
    select ${cosignedNote} as note from log_checkpoints as checkpoint
    where checkpoint.size in (
      select (select min(size) from log_cosignatures
        where log_cosignatures.witness = known.witness and size > ${leafIndex}) from known)
    order by checkpoint.size`.execute(db);
  return rows.map(({ note }) => note);
}

/** So many cosignatures after an entry are looked at: a witness that is away at first may come a little later. */
const cosignaturesMax = 200;

/**
 * The checkpoint that shows best when an entry was there: cosigned in time by most witnesses, and of these the first. One that nobody has
 * cosigned shows nothing.
 *
 * @returns null when there is none
 */
export function witnessedNote(
  leafIndex: RawBuilder<unknown>,
  before: RawBuilder<unknown>,
): RawBuilder<string | null> {
  return sql`(
    select ${cosignedNote} from (
      select size from (
        select size, cosigned_at from log_cosignatures where size > ${leafIndex} order by size
        limit ${cosignaturesMax}) as cosigned
      group by size order by count(*) filter (where cosigned_at < ${before}) desc, size limit 1
    ) as chosen join log_checkpoints as checkpoint using (size))`;
}

/** Stores a cosignature, unless another process has stored one of this witness meanwhile. */
export async function insertCosignature(
  db: Database,
  row: NewRow<Tables["log_cosignatures"]>,
): Promise<void> {
  await db
    .insertInto("log_cosignatures")
    .values(row)
    .onConflict((conflict) => conflict.doNothing())
    .execute();
}
