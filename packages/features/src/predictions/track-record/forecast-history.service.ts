import {
  type ForecastHistory,
  type ForecastHistoryInput,
  forecastReceiptPath,
  type PastForecast,
} from "@obsqra/contract";
import { cutToBytes, momentInKey, readCursor, rowsToRead, toPage } from "@obsqra/platform";
import { z } from "zod";
import { toDataSource } from "../../market/market.service.ts";
import { refuseUnknownFilter } from "../../market/protocols.service.ts";
import type { ModelsDependencies } from "../models/models.service.ts";
import { listForecastHistory, type PastForecastRow } from "./forecast-history.queries.ts";
import { describeAttestation, type TrackRecordDependencies, witnessKeys } from "./track-record.service.ts";

const pageKey = z.tuple([momentInKey, z.uuid()]);

/** The names of its fields alone take more than half of it. */
const rowBytesMin = 400;

/**
 * The forecasts that the track record counts, with what came true.
 *
 * @throws AppError PROTOCOL_UNKNOWN, CURSOR_INVALID
 */
export async function getForecastHistory(
  deps: ModelsDependencies & Pick<TrackRecordDependencies, "logWitnesses">,
  input: ForecastHistoryInput,
): Promise<ForecastHistory> {
  const { db, clock, marketSource } = deps;
  const witnesses = witnessKeys(deps);
  const { kind, protocol, market_id, model_version, month, sort } = input;
  const limit = rowsToRead(input.limit, rowBytesMin);
  const view = { list: "forecast_history", owner_id: undefined, input };
  const after = readCursor(view, pageKey);
  const { served_import, known_protocols, items } = await listForecastHistory(db, {
    source: marketSource,
    now: clock(),
    granularity: market_id === undefined ? input.granularity : "market",
    kind,
    protocol,
    market_id,
    model_version,
    month,
    sort,
    after: after && { created_at: new Date(after[0]), id: after[1] },
    limit,
    witnesses,
  });
  refuseUnknownFilter(protocol, known_protocols);
  const found = cutToBytes(items.map(toPastForecast), limit);
  const page = toPage(view, found, ({ created_at, id }) => [created_at, id]);
  return {
    data_source: toDataSource(marketSource, served_import),
    ...describeAttestation(witnesses),
    ...page,
  };
}

function toPastForecast({ actual_value, actual_at, ...row }: PastForecastRow): PastForecast {
  return {
    ...row,
    receipt: forecastReceiptPath(row.id),
    created_at: toTimestamp(row.created_at),
    as_of: toTimestamp(row.as_of),
    target_at: toTimestamp(row.target_at),
    witnessed_at: row.witnessed_at === null ? null : toTimestamp(row.witnessed_at),
    outcome:
      actual_value === null || actual_at === null
        ? null
        : { value: actual_value, recorded_at: toTimestamp(actual_at) },
  };
}

function toTimestamp(moment: string): string {
  return new Date(moment).toISOString();
}
