import { type Database, defineStatement, type Placeholders } from "@obsqra/db";
import { sql } from "kysely";

/** Points that are asked for in a window, by moments in milliseconds since 1970. */
export interface PointsRequest {
  readonly key: string;
  /** Counted in any case, also beyond the quota. */
  readonly points: number;
  /** Counted besides, unless that would go beyond the quota. */
  readonly inAdvance: number;
  readonly quota: number;
  readonly now: number;
  /** When a window ends that begins now. */
  readonly endsAt: number;
  /** A window that ends later was begun by a clock that went wrong. */
  readonly endsAtMost: number;
}

/** A window as it is counted. */
export interface WindowRow {
  readonly points: number;
  /** As text: bigint is a number on one engine and text on the other. */
  readonly expire: string;
}

/** Counts points in the window of a key, and begins a new one where there is none. */
export async function countPoints(db: Database, request: PointsRequest): Promise<WindowRow> {
  const row = await countedPoints.first(db, request);
  if (row === undefined) throw new Error("Counting gave no row.");
  return row;
}

const countedPoints = defineStatement((_db, asked: Placeholders<PointsRequest>) => {
  const isOver = sql`(counted.expire <= ${asked.now} or counted.expire > ${asked.endsAtMost})`;
  const pointsAfter = (before: ReturnType<typeof sql>) => sql`case
    when ${before} + ${asked.points}::integer + ${asked.inAdvance}::integer <= ${asked.quota}::integer
    then ${before} + ${asked.points}::integer + ${asked.inAdvance}::integer
    else ${before} + ${asked.points}::integer end`;
  return sql<WindowRow>`
    insert into rate_limits as counted (key, points, expire)
    values (${asked.key}, ${pointsAfter(sql`0`)}, ${asked.endsAt})
    on conflict (key) do update set
      points = ${pointsAfter(sql`case when ${isOver} then 0 else counted.points end`)},
      expire = case when ${isOver} then excluded.expire else counted.expire end
    returning points, cast(expire as text) as expire`;
});

/** The window of a key that has not ended. */
export function findWindow(
  db: Database,
  choice: { readonly key: string; readonly now: number },
): Promise<WindowRow | undefined> {
  return currentWindow.first(db, choice);
}

const currentWindow = defineStatement(
  (_db, { key, now }: Placeholders<{ readonly key: string; readonly now: number }>) =>
    sql<WindowRow>`select points, cast(expire as text) as expire from rate_limits
      where key = ${key} and expire > ${now}`,
);

export async function deleteWindow(db: Database, key: string): Promise<void> {
  await db.deleteFrom("rate_limits").where("key", "=", key).execute();
}
