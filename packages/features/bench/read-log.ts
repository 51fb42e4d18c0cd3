import type { ChainsReceipt, ForecastReceipt } from "@obsqra/contract";
import type { Database } from "@obsqra/db";
import { getChainsReceipt } from "../src/receipts/chains/chains-receipt.service.ts";
import { getForecastReceipt, type ReceiptDependencies } from "../src/receipts/forecast-receipt.service.ts";
import { openLog } from "../src/receipts/log/append-log.service.ts";
import { countEntries } from "../src/receipts/log/log.queries.ts";

/** Proofs from the log as it is. */
export interface LogReading {
  readonly size: number;
  readonly proveInclusion: (index: number) => Promise<unknown>;
  readonly proveConsistency: (from: number) => Promise<unknown>;
}

/** Each proof reads its tiles anew, as a request does. */
export async function readFromLog(db: Database): Promise<LogReading> {
  const size = await countEntries(db);
  return {
    size,
    proveInclusion: (index) => openLog(db, size).proveInclusion(index),
    proveConsistency: (from) => openLog(db, size).proveConsistency(from),
  };
}

/** Receipts as the endpoints give them. */
export interface ReceiptReading {
  readonly forecast: (id: string) => Promise<ForecastReceipt>;
  readonly chains: (ownerId: string) => Promise<ChainsReceipt>;
}

export function readReceipts(deps: ReceiptDependencies): ReceiptReading {
  return {
    forecast: (forecast_id) => getForecastReceipt(deps, { forecast_id }),
    chains: (owner_id) => getChainsReceipt({ ...deps, actor: { owner_id } }),
  };
}
