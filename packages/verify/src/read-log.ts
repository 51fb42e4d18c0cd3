import {
  areEqual,
  type Checkpoint,
  canonicalJson,
  hashLeaf,
  openTileTree,
  parseCheckpoint,
  parseEntryBundle,
  rootOfInclusion,
  type Tile,
  type TileTree,
  tilePath,
  tileWidth,
  widthInTree,
} from "@obsqra/receipts";
import { expectThat, Mismatch } from "./check.ts";
import { UnreadableError } from "./unreadable-error.ts";
import type { Fetch, Post } from "./verify-options.ts";

/** How long a file of a log may take: the largest has 16 MiB. */
export const fileSecondsMax = 60;

/** What asks for a URL, like the global `fetch`. */
export type WholeFetch = (
  url: string,
  init: {
    readonly signal: AbortSignal;
    readonly method?: string;
    readonly headers?: Record<string, string>;
    readonly body?: string;
  },
) => Promise<Response>;

/** Ends each request, with the reading of its body, after some time, whatever the other end does. */
export function withTimeout(fetch: WholeFetch, seconds: number = fileSecondsMax): Fetch {
  return (url) => fetch(url, { signal: AbortSignal.timeout(seconds * 1_000) });
}

/** The same for what is posted. */
export function postWithTimeout(fetch: WholeFetch, seconds: number = fileSecondsMax): Post {
  const headers = { "content-type": "application/json" };
  return (url, body) =>
    fetch(url, { method: "POST", headers, body, signal: AbortSignal.timeout(seconds * 1_000) });
}

/** A log as a checkpoint has it. Whatever is read from it was compared with the checkpoint's root. */
export interface CheckedLog {
  readonly checkpoint: Checkpoint;
  /** Not compared with the root: for proofs, which are. */
  readonly tree: TileTree;
  readonly leafHash: (index: number) => Promise<Uint8Array>;
  readonly entry: (index: number) => Promise<LogEntry>;
  /** The same log when it had another size, likewise. */
  readonly openAt: (size: number) => TileTree;
  /** The root of a tree over some leaves alone, whose hashes were all compared. */
  readonly rootOfRange: (start: number, end: number) => Promise<Uint8Array>;
}

/** What an entry says. */
export interface LogEntry {
  readonly type: string;
  readonly logged_at: string;
  readonly [field: string]: unknown;
}

/** Bytes of the largest bundle: 256 entries of 64 KiB with their lengths. */
const bundleBytesMax = tileWidth * 65_537;

/**
 * Opens the log behind a URL, at a checkpoint.
 *
 * @throws Mismatch from its functions, where the log is not that of the checkpoint or cannot be read
 */
export function openCheckedLog(checkpoint: Checkpoint, logUrl: string, fetch: Fetch): CheckedLog {
  const { size, root } = checkpoint;
  const read = (tile: Tile) => readTile(tile, logUrl, fetch);
  const tree = openTileTree(size, read);
  const checkedTiles = new Map<number, Promise<void>>();
  const bundles = new Map<number, Promise<Uint8Array[]>>();

  /** A proof of one leaf is made of the hashes of all others in its tile, so that it vouches for all of them. */
  async function checkTile(tileIndex: number): Promise<void> {
    const index = tileIndex * tileWidth;
    const found = rootOfInclusion(
      await tree.leafHash(index),
      { index, size },
      await tree.proveInclusion(index),
    );
    expectThat(areEqual(found, root), `Tile ${tileIndex} of the log does not lead to the checkpoint's root.`);
  }

  async function leafHash(index: number): Promise<Uint8Array> {
    expectThat(index >= 0 && index < size, `The log has no entry ${index}: its checkpoint has ${size}.`);
    const tileIndex = Math.floor(index / tileWidth);
    const checked = checkedTiles.get(tileIndex) ?? checkTile(tileIndex);
    checkedTiles.set(tileIndex, checked);
    await checked;
    return tree.leafHash(index);
  }

  async function entry(index: number): Promise<LogEntry> {
    const hash = await leafHash(index);
    const bundleIndex = Math.floor(index / tileWidth);
    const width = widthInTree({ level: "entries", index: bundleIndex }, size);
    const bundle =
      bundles.get(bundleIndex) ??
      read({ level: "entries", index: bundleIndex, width }).then(parseEntryBundle);
    bundles.set(bundleIndex, bundle);
    const bytes = (await bundle)[index % tileWidth];
    expectThat(
      bytes !== undefined && areEqual(hashLeaf(bytes), hash),
      `Entry ${index} does not have the hash that the log's tree has at its place.`,
    );
    return readEntry(bytes, index);
  }

  return {
    checkpoint,
    tree,
    openAt: (otherSize) => openTileTree(otherSize, read),
    leafHash,
    entry,
    rootOfRange: async (start, end) => {
      // The first of each tile vouches for the tile.
      for (let index = start; index < end; index = (Math.floor(index / tileWidth) + 1) * tileWidth) {
        await leafHash(index);
      }
      if (end > start) await leafHash(end - 1);
      return tree.rootOfRange(start, end);
    },
  };
}

/**
 * An entry as it was hashed.
 *
 * @throws Mismatch when it is none of a log of forecasts, or not in canonical form: another reader could understand it in another way
 */
export function readEntry(bytes: Uint8Array, index: number): LogEntry {
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new Mismatch(`Entry ${index} of the log is not text in UTF-8.`);
  }
  const entry = parseEntry(text);
  expectThat(
    canonicalJson(entry) === text,
    `Entry ${index} of the log is not in canonical form: it could be read in two ways.`,
  );
  return entry;
}

/** @throws Mismatch when it is no entry of a log of forecasts */
export function parseEntry(text: string): LogEntry {
  let entry: unknown;
  try {
    entry = JSON.parse(text);
  } catch {
    throw new Mismatch("An entry of the log is not JSON.");
  }
  expectThat(
    typeof entry === "object" &&
      entry !== null &&
      "type" in entry &&
      typeof entry.type === "string" &&
      "logged_at" in entry &&
      typeof entry.logged_at === "string",
    "An entry of the log says neither its type nor when it was logged.",
  );
  // Both fields were looked at.
  return entry as LogEntry;
}

const checkpointBytesMax = 65_536;

/** What a log says to be its newest checkpoint. @throws Mismatch when it cannot be read; UnreadableError when there is no answer */
export async function readNewest(logUrl: string, fetch: Fetch): Promise<Checkpoint> {
  const bytes = await readBytes(`${logUrl}/checkpoint`, checkpointBytesMax, fetch);
  return parseCheckpoint(new TextDecoder().decode(bytes));
}

/** A file of the log's tiles. @throws Mismatch when it cannot be read */
export function readTile(tile: Tile, logUrl: string, fetch: Fetch): Promise<Uint8Array> {
  const bytesMax = tile.level === "entries" ? bundleBytesMax : tileWidth * 32;
  return readBytes(`${logUrl}/${tilePath(tile)}`, bytesMax, fetch);
}

/** @throws Mismatch when the URL has no such file, or a larger one; UnreadableError when there is no answer */
export async function readBytes(url: string, bytesMax: number, fetch: Fetch): Promise<Uint8Array> {
  return readWhole(url, await ask(url, fetch), bytesMax);
}

/** @throws UnreadableError when there is no answer, or one that says to try again later */
export async function ask(url: string, fetch: Fetch): Promise<Response> {
  try {
    return await fetch(url);
  } catch (error) {
    throw new UnreadableError(url, error);
  }
}

const timeoutStatus = 408;
const tooManyStatus = 429;

/** The body of a response. @throws Mismatch when it is none, or a larger one; UnreadableError when it does not come */
export async function readWhole(url: string, response: Response, bytesMax: number): Promise<Uint8Array> {
  const { ok, status } = response;
  if (!ok) {
    await response.body?.cancel();
    const isOutage = status >= 500 || status === timeoutStatus || status === tooManyStatus;
    throw isOutage
      ? new UnreadableError(url, `status ${status}`)
      : new Mismatch(`${url} cannot be read: status ${status}.`);
  }
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of chunksOf(url, response)) {
    length += chunk.length;
    if (length > bytesMax) throw new Mismatch(`${url} is larger than ${bytesMax} bytes.`);
    chunks.push(chunk);
  }
  const bytes = new Uint8Array(length);
  let offset = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, offset);
    offset += chunk.length;
  }
  return bytes;
}

/** The parts of a body, which is let go when nobody wants the rest. */
async function* chunksOf(url: string, { body }: Response): AsyncGenerator<Uint8Array, void> {
  const reader = body?.getReader();
  if (reader === undefined) return;
  try {
    for (;;) {
      const { done, value } = await reader.read().catch((error: unknown) => {
        throw new UnreadableError(url, error);
      });
      if (done) return;
      yield value;
    }
  } finally {
    await reader.cancel().catch(() => {});
  }
}
