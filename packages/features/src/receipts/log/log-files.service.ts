import type { Database } from "@obsqra/db";
import { formatEntryBundle, parseCheckpoint, parseTilePath, tileWidth, widthInTree } from "@obsqra/receipts";
import { findCosignedCheckpoint, listFirstCosignedCheckpoints } from "../witnesses/cosignatures.queries.ts";
import { listEntries, listLogKeys, readHashTile } from "./log.queries.ts";

/** A file of the log as it is published. */
export interface LogFile {
  readonly content: string | Uint8Array;
  /** Media type. */
  readonly type: string;
  /** Whether it stays what it is for ever. */
  readonly isImmutable: boolean;
}

/**
 * A file of the log by its path below the log's prefix: `checkpoint`, `keys`, a tile as C2SP tlog-tiles names it, or `cosigned/INDEX`, the first
 * checkpoints with an entry that witnesses have cosigned. Only what the newest checkpoint covers is published.
 *
 * @returns undefined for what is not there
 */
export async function getLogFile(
  { db }: { readonly db: Database },
  path: string,
): Promise<LogFile | undefined> {
  if (path === "keys") return { content: await printKeys(db), type: "application/json", isImmutable: false };
  const [, entry] = /^cosigned\/(0|[1-9]\d{0,14})$/.exec(path) ?? [];
  if (entry !== undefined) {
    const notes = await listFirstCosignedCheckpoints(db, Number(entry));
    return { content: JSON.stringify(notes), type: "application/json", isImmutable: false };
  }
  const tile = parseTilePath(path);
  if (path !== "checkpoint" && tile === undefined) return undefined;
  const newest = await findCosignedCheckpoint(db);
  if (newest === undefined) return undefined;
  if (tile === undefined) {
    return { content: newest, type: "text/plain; charset=utf-8", isImmutable: false };
  }
  const { size } = parseCheckpoint(newest);
  if (tile.width > widthInTree(tile, size)) return undefined;
  const { level, index, width } = tile;
  const content =
    level === "entries"
      ? formatEntryBundle(await listEntries(db, index * tileWidth, width))
      : await readHashTile(db, { level, index, width });
  return { content, type: "application/octet-stream", isImmutable: true };
}

/** The keys of the log, the first first. Each but the first is announced by an entry in a tree that the one before has signed. */
async function printKeys(db: Database): Promise<string> {
  const keys = await listLogKeys(db);
  return JSON.stringify(
    keys.map(({ verifier_key, announcement, created_at }) => ({
      verifier_key,
      announcement,
      since: created_at.toISOString(),
    })),
  );
}
