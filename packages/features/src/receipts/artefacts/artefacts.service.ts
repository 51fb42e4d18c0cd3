import type { Database } from "@obsqra/db";
import { findArtefact } from "./artefacts.queries.ts";

/** A file that forecasts were made from. */
export interface Artefact {
  readonly content: Uint8Array;
  /** Whether the content is compressed with gzip; its hash is of what was compressed. */
  readonly isCompressed: boolean;
  /** Media type. */
  readonly type: string;
}

/**
 * A model's file, or a part of the market data that was forecast from, by its SHA-256 in hex.
 *
 * @returns undefined for what is not there
 */
export async function getArtefact(
  { db }: { readonly db: Database },
  sha256: string,
): Promise<Artefact | undefined> {
  if (!/^[0-9a-f]{64}$/.test(sha256)) return undefined;
  const found = await findArtefact(db, sha256);
  if (found?.gzip) return { content: found.gzip, isCompressed: true, type: "application/json" };
  return found?.model
    ? { content: found.model, isCompressed: false, type: "application/octet-stream" }
    : undefined;
}
