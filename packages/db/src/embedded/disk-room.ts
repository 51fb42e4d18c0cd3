import { existsSync, statfsSync } from "node:fs";
import { DiskFullError } from "../database-errors.ts";

/** Postgres may need two segments of its log, of 16 MiB each, before it can write or recover anything. */
const bytesMin = 40_000_000;

/** Whether the disk of a directory has the room without which Postgres gives up. A directory that is gone has no disk to be full. */
export function hasRoom(directory: string): boolean {
  return !existsSync(directory) || freeBytes(directory) >= bytesMin;
}

/**
 * Says so before Postgres is started on a disk that is full: it would not say anything that can be understood.
 *
 * @throws DiskFullError
 */
export function assertRoom(directory: string, bytes = bytesMin): void {
  const free = freeBytes(directory);
  if (free >= bytes) return;
  throw new DiskFullError(
    `The disk of the data directory ${directory} is full: ${toMegabytes(free)} MB are free, and ${toMegabytes(bytes)} MB are needed.`,
  );
}

function freeBytes(directory: string): number {
  const { bavail, bsize } = statfsSync(directory);
  return bavail * bsize;
}

function toMegabytes(bytes: number): string {
  return (bytes / 1e6).toFixed(0);
}
