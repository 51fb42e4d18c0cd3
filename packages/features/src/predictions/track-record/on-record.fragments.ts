import { type RawBuilder, sql } from "kysely";
import { hasCome, type SourceNow } from "../../market/served-data.fragments.ts";

/** Which of the forecasts on record. */
export interface RecordedForecasts extends SourceNow {
  readonly granularity: "protocol" | "market";
  readonly kind: "risk" | "yield" | undefined;
  readonly protocol: string | undefined;
}

/**
 * Whether the track record counts a forecast, for a `from predictions` with `served_import`. None before the first import, and none that a
 * clock that ran ahead has made, until then.
 */
export function forecastsOnRecord({
  source,
  now,
  granularity,
  kind,
  protocol,
}: RecordedForecasts): RawBuilder<boolean> {
  return sql<boolean>`on_record and source = ${source} and exists (select from served_import)
    and market_id ${granularity === "market" ? sql`is not null` : sql`is null`}
    and ${hasCome(now, sql`created_at`)}
    and ${kind === undefined ? sql`true` : sql`kind = ${kind}`}
    and ${protocol === undefined ? sql`true` : sql`protocol = ${protocol}`}`;
}

/** Whether a forecast without an outcome is not due yet: outcomes up to the newest day are known where the market was observed. */
export const isPending = sql<boolean>`target_at > (select newest_day from served_import)`;

/** Whether a row of `predictions` was made, and scored where it is, by a moment. */
export function isKnownBy(now: Date): RawBuilder<boolean> {
  return sql<boolean>`(${hasCome(now, sql`created_at`)} and (actual_at is null or ${hasCome(now, sql`actual_at`)}))`;
}

/** The outcome of a row of `predictions` as far as it is known by a moment: that which a clock that ran ahead has recorded is not yet. */
export function knownOutcome(now: Date): RawBuilder<number | null> {
  return sql`case when ${hasCome(now, sql`actual_at`)} then actual_value end`;
}
