import type { Database } from "@obsqra/db";
import { findArtefactPart } from "./artefacts.queries.ts";

/** A file that forecasts were made from. */
export interface Artefact {
  readonly content: Uint8Array;
  /** Whether the content is compressed with gzip; its hash is of what was compressed. */
  readonly isCompressed: boolean;
  /** Media type. */
  readonly type: string;
}

/** As much of a file is read at a time: an embedded database reads on the thread that serves everybody. */
export const artefactPartBytes = 128 * 1024;

/**
 * A model's file, or a part of the market data that was forecast from, by its SHA-256 in hex.
 *
 * @returns undefined for what is not there
 */
export async function getArtefact(
  { db }: { readonly db: Database },
  sha256: string,
): Promise<Artefact | undefined> {
  if (!isArtefactName(sha256)) return undefined;
  const bytes = artefactPartBytes;
  const first = await findArtefactPart(db, sha256, { from: 0, bytes });
  if (first === undefined) return undefined;
  const { is_compressed: isCompressed, size } = first;
  const content = new Uint8Array(size);
  content.set(first.part);
  for (let from = bytes; from < size; from += bytes) {
    const next = await findArtefactPart(db, sha256, { from, bytes });
    // Files are never changed; that of a model may have gone since.
    if (next?.size !== size) return undefined;
    content.set(next.part, from);
  }
  return { content, isCompressed, type: isCompressed ? "application/json" : "application/octet-stream" };
}

/** Whether a text can be the name of a file at all. */
export function isArtefactName(text: string): boolean {
  return /^[0-9a-f]{64}$/.test(text);
}
