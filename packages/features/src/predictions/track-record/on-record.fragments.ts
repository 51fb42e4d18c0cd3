import { type RawBuilder, sql } from "kysely";

/** Which of the forecasts on record. */
export interface RecordedForecasts {
  readonly source: string;
  readonly granularity: "protocol" | "market";
  readonly kind: "risk" | "yield" | undefined;
  readonly protocol: string | undefined;
}

/** Whether the track record counts a forecast, for a `from predictions` with `served_import`. None before the first import. */
export function forecastsOnRecord({
  source,
  granularity,
  kind,
  protocol,
}: RecordedForecasts): RawBuilder<boolean> {
  return sql<boolean>`on_record and source = ${source} and exists (select from served_import)
    and market_id ${granularity === "market" ? sql`is not null` : sql`is null`}
    and ${kind === undefined ? sql`true` : sql`kind = ${kind}`}
    and ${protocol === undefined ? sql`true` : sql`protocol = ${protocol}`}`;
}

/** Whether a forecast without an outcome is not due yet: outcomes up to the newest day are known where the market was observed. */
export const isPending = sql<boolean>`target_at > (select newest_day from served_import)`;
