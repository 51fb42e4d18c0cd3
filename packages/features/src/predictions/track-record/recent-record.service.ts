import { listRecentRecord, type RecentRecordRow } from "./recent-record.queries.ts";
import { type TrackRecordDependencies, witnessKeys } from "./track-record.service.ts";

/** How far back the record is looked at. */
const recentDays = 30;

/** How the forecasts of a kind and granularity did whose days have come in the last 30 days. */
export interface RecentRecord extends RecentRecordRow {
  readonly granularity: "protocol" | "market";
}

/** The track record of the last 30 days, for operators: of markets and of protocols, where anything is scored. */
export async function getRecentRecord(
  deps: Pick<TrackRecordDependencies, "db" | "clock" | "marketSource" | "logWitnesses">,
): Promise<RecentRecord[]> {
  const all = {
    source: deps.marketSource,
    now: deps.clock(),
    days: recentDays,
    witnesses: witnessKeys(deps),
  };
  const records: RecentRecord[] = [];
  for (const granularity of ["protocol", "market"] as const) {
    const rows = await listRecentRecord(deps.db, { ...all, granularity });
    records.push(...rows.map((row) => ({ ...row, granularity })));
  }
  return records;
}
