import { concatBytes } from "../bytes.ts";
import { MalformedError } from "../malformed-error.ts";
import { type HashRange, proveConsistency, proveInclusion } from "../merkle/proofs.ts";
import { emptyTreeHash, hashBytes, hashNode, hashTree, splitPoint } from "../merkle/tree-hash.ts";
import { leavesPerHash, type Tile, tileWidth, widthInTree } from "./tile-path.ts";

/** A tile of hashes. */
export type HashTile = Tile & { readonly level: number };

/** Gives the bytes of a tile: `width` hashes, one after the other. It may give more of them. */
export type ReadTile = (tile: HashTile) => Promise<Uint8Array>;

/** A tree of a known size, read by tiles. */
export interface TileTree {
  readonly size: number;
  /** The root of the tree, computed from the tiles. */
  readonly root: () => Promise<Uint8Array>;
  readonly leafHash: (index: number) => Promise<Uint8Array>;
  /** The root of the tree over the leaves from `start` to before `end` alone, wherever that begins. */
  readonly rootOfRange: HashRange;
  readonly proveInclusion: (index: number) => Promise<Uint8Array[]>;
  /** That this tree continues its own first `from` leaves. */
  readonly proveConsistency: (from: number) => Promise<Uint8Array[]>;
}

/**
 * Opens a tree whose hashes lie in tiles, in a database or behind a URL. Each tile is read once. Whoever does not trust the tiles
 * compares `root()` with a signed one.
 */
export function openTileTree(size: number, readTile: ReadTile): TileTree {
  const tiles = new Map<string, Promise<Uint8Array>>();

  function tileAt(level: number, index: number): Promise<Uint8Array> {
    const key = `${level}/${index}`;
    const known = tiles.get(key);
    if (known !== undefined) return known;
    const width = widthInTree({ level, index }, size);
    const tile = readTile({ level, index, width }).then((bytes) => {
      if (bytes.length < width * hashBytes) throw new MalformedError(`Tile ${key} is shorter than the tree.`);
      return bytes;
    });
    tiles.set(key, tile);
    return tile;
  }

  async function hashAt(level: number, position: number): Promise<Uint8Array> {
    const tile = await tileAt(level, Math.floor(position / tileWidth));
    const offset = (position % tileWidth) * hashBytes;
    return tile.subarray(offset, offset + hashBytes);
  }

  async function hashRange(start: number, end: number): Promise<Uint8Array> {
    const length = end - start;
    if (length === 1) return hashAt(0, start);
    let level = 0;
    while (leavesPerHash(level + 1) <= length) level += 1;
    const leaves = leavesPerHash(level);
    if (leaves === length && start % leaves === 0) return hashAt(level, start / leaves);
    const split = start + splitPoint(length);
    return hashNode(await hashRange(start, split), await hashRange(split, end));
  }

  return {
    size,
    root: async () => (size === 0 ? emptyTreeHash : hashRange(0, size)),
    leafHash: (index) => hashAt(0, index),
    rootOfRange: async (start, end) => {
      const leaves: Uint8Array[] = [];
      for (let index = start; index < end; index += 1) leaves.push(await hashAt(0, index));
      return hashTree(leaves);
    },
    proveInclusion: (index) => proveInclusion({ index, size }, hashRange),
    proveConsistency: (from) => proveConsistency({ from, to: size }, hashRange),
  };
}

/** A hash that a tree has at a level of its tiles. */
export interface TileHash {
  readonly level: number;
  /** Among the hashes of its level. */
  readonly position: number;
  readonly hash: Uint8Array;
}

/**
 * The hashes above the leaves that a tree gets when leaves are appended: one for each tile that they fill.
 *
 * @param from how many leaves the tree has had
 * @param leafHashes of the new leaves
 * @param readTile reads tiles of the tree as it was; only hashes of tiles that were not full yet are asked for
 */
export async function appendToTiles(
  from: number,
  leafHashes: readonly Uint8Array[],
  readTile: ReadTile,
): Promise<TileHash[]> {
  const added: TileHash[] = [];
  let below: readonly Uint8Array[] = leafHashes;
  for (let level = 0; below.length > 0; level += 1) {
    const count = Math.floor(from / leavesPerHash(level));
    const index = Math.floor(count / tileWidth);
    const width = count % tileWidth;
    const start = width === 0 ? new Uint8Array() : await readTile({ level, index, width });
    const hashes = [...splitHashes(start.subarray(0, width * hashBytes)), ...below];
    const above: Uint8Array[] = [];
    for (let end = tileWidth; end <= hashes.length; end += tileWidth) {
      const hash = hashTree(hashes.slice(end - tileWidth, end));
      added.push({ level: level + 1, position: index + above.length, hash });
      above.push(hash);
    }
    below = above;
  }
  return added;
}

/** The hashes of a tile. */
export function splitHashes(tile: Uint8Array): Uint8Array[] {
  return Array.from({ length: Math.floor(tile.length / hashBytes) }, (_, index) =>
    tile.subarray(index * hashBytes, (index + 1) * hashBytes),
  );
}

/** A tile of these hashes. */
export function joinHashes(hashes: readonly Uint8Array[]): Uint8Array {
  return concatBytes(...hashes);
}
