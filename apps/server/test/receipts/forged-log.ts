import {
  appendToTiles,
  canonicalJson,
  cosign,
  formatEntryBundle,
  formatNote,
  formatTlogProof,
  formatVerifierKey,
  hashLeaf,
  hashTree,
  joinHashes,
  logKeyOf,
  openTileTree,
  parseNote,
  parseTilePath,
  signCheckpoint,
  toBase64,
  utf8ToBytes,
} from "@obsqra/receipts";
import type { Fetch, ForecastReceipt } from "@obsqra/verify";

/** What an entry of a log says. */
export type Content = Readonly<Record<string, unknown>>;

const logName = "service.example/log";
export const firstSecretKey = new Uint8Array(32).fill(1);
export const secondSecretKey = new Uint8Array(32).fill(2);
export const vkeyOf = (secretKey: Uint8Array) => formatVerifierKey(logKeyOf(logName, secretKey));

/** What an operator can choose who writes a log to deceive, and has its keys. */
export interface Forgery {
  readonly entries: readonly Content[];
  /** Entries that are not in canonical form, as they are, by their places. @default all are */
  readonly texts?: ReadonlyMap<number, string>;
  /** @default the first key */
  readonly secretKey?: Uint8Array;
  /** What is served as the log's keys. @default the first key alone */
  readonly keys?: readonly { readonly verifier_key: string; readonly announcement: string | null }[];
  /** What the checkpoint is cosigned with. */
  readonly witness?: Parameters<typeof cosign>[1];
  /** What is published, by the hashes that it is asked for with. @default nothing */
  readonly artefacts?: ReadonlyMap<string, Uint8Array>;
}

/** A log with valid hashes, proofs and signatures, whatever its entries say: everything that whoever has its key can make. */
export interface ForgedLog {
  readonly fetch: Fetch;
  readonly checkpoint: string;
  readonly proofOf: (index: number) => Promise<string>;
  /** The receipt of a forecast, as an operator gives it who has stored what is in the log, or says something else. */
  readonly receiptOf: (id: unknown, says?: Partial<ForecastReceipt>) => Promise<ForecastReceipt>;
}

export async function forgeLog(forgery: Forgery): Promise<ForgedLog> {
  const { secretKey = firstSecretKey } = forgery;
  const keys = forgery.keys ?? [{ verifier_key: vkeyOf(firstSecretKey), announcement: null }];
  const texts = forgery.entries.map((entry, index) => forgery.texts?.get(index) ?? canonicalJson(entry));
  const entries = texts.map(utf8ToBytes);
  const levels: Uint8Array[][] = [entries.map(hashLeaf)];
  const readTile = async ({ level, index, width }: { level: number; index: number; width: number }) =>
    joinHashes((levels[level] ?? []).slice(index * 256, index * 256 + width));
  for (const { level, hash } of await appendToTiles(0, levels[0] ?? [], readTile)) {
    levels[level] = [...(levels[level] ?? []), hash];
  }
  const size = entries.length;
  const tree = openTileTree(size, readTile);
  const checkpoint = addCosignature(
    signCheckpoint(logName, { size, root: await tree.root() }, secretKey),
    forgery,
  );

  const readFile = async (path: string): Promise<string | Uint8Array | undefined> => {
    if (path === "keys") return JSON.stringify(keys);
    if (path === "checkpoint") return checkpoint;
    if (path.startsWith("cosigned/"))
      return JSON.stringify(forgery.witness === undefined ? [] : [checkpoint]);
    const tile = parseTilePath(path);
    if (tile === undefined) return undefined;
    const { level, index, width } = tile;
    if (level !== "entries") return readTile({ level, index, width });
    return formatEntryBundle(entries.slice(index * 256, index * 256 + width));
  };
  const proofOf = async (index: number) =>
    formatTlogProof({ index, proof: await tree.proveInclusion(index), checkpoint });
  return {
    checkpoint,
    proofOf,
    fetch: async (url) => {
      const [, sha256] = url.split("https://service.example/artefacts/");
      const content =
        sha256 === undefined
          ? await readFile(url.replace("https://service.example/log/", ""))
          : forgery.artefacts?.get(sha256);
      return content === undefined ? new Response("", { status: 404 }) : new Response(Buffer.from(content));
    },
    receiptOf: async (id, says) => {
      const index = forgery.entries.findIndex((entry) => entry.type === "forecast" && entry.id === id);
      const entry = texts[index] ?? "";
      const outcomeIndex = forgery.entries.findIndex(
        ({ type, forecast }) => type === "outcome" && forecast === id,
      );
      const outcome = forgery.entries[outcomeIndex];
      return {
        forecast_id: String(id),
        log_url: "https://service.example/log",
        entry,
        stored: null,
        tlog_proof: await proofOf(index),
        witnessed_checkpoint: null,
        outcome:
          outcome === undefined
            ? null
            : {
                leaf_index: outcomeIndex,
                value: Number(outcome.value),
                recorded_at: String(outcome.recorded_at),
              },
        ...says,
      };
    },
  };
}

function addCosignature(checkpoint: string, { witness }: Forgery): string {
  if (witness === undefined) return checkpoint;
  const { text, signatures } = parseNote(checkpoint);
  return formatNote({ text, signatures: [...signatures, cosign(text, witness)] });
}

/** A manifest that goes with the forecasts that follow it, as an operator writes it who counts what he wants. */
export function withManifest(manifest: Content, forecasts: readonly Content[]): Content[] {
  const root = hashTree(forecasts.map((forecast) => hashLeaf(utf8ToBytes(canonicalJson(forecast)))));
  return [{ ...manifest, forecasts: forecasts.length, forecasts_root: toBase64(root) }, ...forecasts];
}
