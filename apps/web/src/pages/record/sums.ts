import type { TrackRecordItem } from "@obsqra/client";

/** The record of several protocols as one. */
export interface RecordSum {
  readonly n: number;
  readonly nProspective: number;
  readonly nPending: number;
  /** Means over the outcomes; null where there are none. */
  readonly mae: number | null;
  readonly baselineMae: number | null;
  readonly promised: number | null;
  readonly coverage: number | null;
  readonly stated: number | null;
  readonly within: number | null;
}

/** Sums up a record: each outcome counts once. */
export function sumRecord(items: readonly TrackRecordItem[]): RecordSum {
  const total = (read: (item: TrackRecordItem) => number) => items.reduce((sum, item) => sum + read(item), 0);
  const n = total((item) => item.n);
  const mean = (read: (item: TrackRecordItem) => number | null) =>
    n === 0 ? null : total((item) => item.n * (read(item) ?? 0)) / n;
  return {
    n,
    nProspective: total((item) => item.n_prospective),
    nPending: total((item) => item.n_pending),
    mae: mean((item) => item.mae),
    baselineMae: mean((item) => item.baseline_mae),
    promised: mean((item) => item.interval_level),
    coverage: mean((item) => item.coverage),
    stated: mean((item) => item.mean_confidence),
    within: mean((item) => item.within_tolerance),
  };
}

/** By which part an error is larger than that of the naive forecasts; negative when smaller. */
export function excessError(mae: number | null, baselineMae: number | null): number | null {
  return mae === null || baselineMae === null || baselineMae === 0 ? null : mae / baselineMae - 1;
}
