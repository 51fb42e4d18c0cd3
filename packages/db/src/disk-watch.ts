import { sql } from "kysely";
import type { Database } from "./database.ts";
import { isDiskFull } from "./database-errors.ts";

/** Remembers that the database had no room to write, until it has again. */
export interface DiskWatch {
  /** To be told of every error of the database. */
  noteError(error: unknown): void;
  /** Whether there still is no room. Asks the database only after it has said so before. */
  isFull(db: Database): Promise<boolean>;
}

/** A watch that has heard of nothing yet. */
export function createDiskWatch(): DiskWatch {
  let wasFull = false;
  return {
    noteError(error) {
      wasFull ||= isDiskFull(error);
    },
    async isFull(db) {
      if (!wasFull) return false;
      try {
        await writeSomething(db);
      } catch (error) {
        if (isDiskFull(error)) return true;
      }
      // Written, or refused for another reason, such as that the role may not make tables: then the next write will tell.
      wasFull = false;
      return false;
    },
  };
}

/** A megabyte that nobody sees, and that is gone with its transaction. */
async function writeSomething(db: Database): Promise<void> {
  await db.transaction().execute(async (trx) => {
    await sql`create temporary table obsqra_room on commit drop as
      select repeat(md5(cast(n as text)), 32) as filler from generate_series(1, 1000) as n`.execute(trx);
  });
}
