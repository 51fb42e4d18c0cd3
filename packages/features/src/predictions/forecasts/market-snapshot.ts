import { createHash } from "node:crypto";
import { setImmediate } from "node:timers/promises";
import { promisify } from "node:util";
import { gzip } from "node:zlib";
import { type MarketSeries, panelBytes, writePanel } from "@obsqra/ml";
import type { NewArtefactRow } from "./artefacts.queries.ts";

/** The market data that was forecast from, as it is committed to and published. */
export interface MarketSnapshot {
  /** Of all that a model could read of it, however it is written. */
  readonly panel_sha256: string;
  /** The artefact that names the others; null where data is not published. */
  readonly snapshot_sha256: string | null;
  readonly artefacts: readonly NewArtefactRow[];
}

/** What making one uses. */
export interface MarketSnapshotDependencies {
  readonly clock: () => Date;
  /** Whether the data may be published; else only its hash is. */
  readonly publishSnapshots: boolean;
}

/** Makes of a panel what is stored of it, beside the forecasts from it. It is made in turns, and compressed outside this thread, so that requests do not wait. */
export async function takeMarketSnapshot(
  { clock, publishSnapshots }: MarketSnapshotDependencies,
  panel: readonly MarketSeries[],
): Promise<MarketSnapshot> {
  const panel_sha256 = await hashInTurns(panelBytes(panel));
  if (!publishSnapshots) return { panel_sha256, snapshot_sha256: null, artefacts: [] };
  const artefacts: NewArtefactRow[] = [];
  const documents = writePanel(panel);
  for (;;) {
    const { done, value } = documents.next();
    const { sha256, text } = value;
    artefacts.push({ sha256, gzip: await compress(text), created_at: clock() });
    if (done === true) return { panel_sha256, snapshot_sha256: sha256, artefacts };
  }
}

const compress = promisify<string, Buffer>(gzip);

/** So many markets that hashing them does not hold up this thread. */
const partsAtOnce = 50 * 7;

async function hashInTurns(parts: Iterable<Uint8Array>): Promise<string> {
  const hash = createHash("sha256");
  let count = 0;
  for (const part of parts) {
    hash.update(part);
    count += 1;
    if (count % partsAtOnce === 0) await setImmediate();
  }
  return hash.digest("hex");
}
