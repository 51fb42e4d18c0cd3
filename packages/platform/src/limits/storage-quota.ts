import type { Plan } from "@obsqra/contract";
import { AppError } from "../errors/app-error.ts";

/** How many bytes an owner may store for good, by plan. */
export type StorageQuotas = Readonly<Record<Plan, number>>;

const mebibyte = 1024 * 1024;

/** Some 90,000 transactions with a line of details, or 4,000 with as many as there may be; a gibibyte on `pro`. */
export const defaultStorageQuotas: StorageQuotas = { free: 64 * mebibyte, pro: 1024 * mebibyte };

/**
 * Refuses what is about to be stored when the quota was used up before it, so that it is overshot by one record at most.
 *
 * @param storedBytes as the statement that stores has read and locked it, so that of calls at the same time each counts what the
 * others have stored; null when nothing was stored before
 * @throws AppError STORAGE_FULL
 */
export function assertRoom(quotaBytes: number, storedBytes: string | number | null): void {
  const stored_bytes = Number(storedBytes ?? 0);
  if (stored_bytes < quotaBytes) return;
  throw new AppError("STORAGE_FULL", { quota_bytes: quotaBytes, stored_bytes });
}
