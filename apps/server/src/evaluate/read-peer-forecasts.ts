import { readFile } from "node:fs/promises";
import type { PeerForecast } from "@obsqra/ml";
import { UsageError } from "../commands/usage-error.ts";

const header = "pool,day,horizon,forecast";
const dayMs = 86_400_000;

/**
 * Somebody's forecasts of a horizon, from a CSV with the columns pool, day, horizon and forecast: of each pool, at the end of a UTC day
 * (YYYY-MM-DD), so many days ahead, in percent a year or score points.
 *
 * @throws UsageError when the file cannot be read, has other columns, a row that is not such a forecast, or none of the horizon
 */
export async function readPeerForecasts(path: string, horizonDays: number): Promise<PeerForecast[]> {
  const text = await readFile(path, "utf8").catch((cause: unknown) => {
    throw new UsageError(`${path} cannot be read: ${cause instanceof Error ? cause.message : String(cause)}`);
  });
  const [first, ...lines] = text.split(/\r?\n/);
  if (first !== header) throw new UsageError(`The first line of ${path} has to be ${header}.`);
  const forecasts = lines.flatMap((line, index) => {
    if (line === "") return [];
    const forecast = readForecast(line);
    if (forecast === undefined) {
      throw new UsageError(`Line ${index + 2} of ${path} is not a pool, a day, a horizon and a forecast.`);
    }
    return forecast.horizon === horizonDays ? [forecast.of] : [];
  });
  if (forecasts.length === 0) throw new UsageError(`${path} has no forecast of ${horizonDays} days ahead.`);
  return forecasts;
}

function readForecast(line: string): { horizon: number; of: PeerForecast } | undefined {
  const [pool = "", day = "", horizon = "", forecast = "", ...rest] = line.split(",");
  const moment = /^\d{4}-\d\d-\d\d$/.test(day) ? Date.parse(day) : Number.NaN;
  const value = forecast.trim() === "" ? Number.NaN : Number(forecast);
  if (pool === "" || rest.length > 0 || !Number.isFinite(moment) || !Number.isFinite(value)) return undefined;
  return { horizon: Number(horizon), of: { market_id: pool, day: moment / dayMs, value } };
}
