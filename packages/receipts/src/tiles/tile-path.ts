/** Hashes of a full tile, and entries of a full bundle. */
export const tileWidth = 256;

/** A piece of the log as it is served: hashes at a level of the tree, or the entries of its leaves. */
export interface Tile {
  /** 0: leaf hashes; each level above has one hash for a full tile of the one below. */
  readonly level: number | "entries";
  readonly index: number;
  /** How many hashes or entries it has, 1 to 256; a full tile has 256. */
  readonly width: number;
}

/** The path of a tile below the log's prefix (C2SP tlog-tiles), such as `tile/0/x001/234.p/7`. */
export function tilePath({ level, index, width }: Tile): string {
  const digits = String(index);
  const groups = digits.padStart(Math.ceil(digits.length / 3) * 3, "0").match(/\d{3}/g) ?? [];
  const place = groups
    .map((group, position) => (position < groups.length - 1 ? `x${group}` : group))
    .join("/");
  return `tile/${level}/${place}${width < tileWidth ? `.p/${width}` : ""}`;
}

/** The tile at a path as {@link tilePath} writes it; undefined for any other path. */
export function parseTilePath(path: string): Tile | undefined {
  const match = /^tile\/(entries|\d{1,2})\/((?:x\d{3}\/){0,4}\d{3})(?:\.p\/(\d{1,3}))?$/.exec(path);
  if (match === null) return undefined;
  const [, level, place = "", width] = match;
  const tile: Tile = {
    level: level === "entries" ? level : Number(level),
    index: Number(place.replace(/[x/]/g, "")),
    width: width === undefined ? tileWidth : Number(width),
  };
  // One path for each tile: none with zeros that are not needed, and none for what no tree has.
  const isPossible = tile.width > 0 && (tile.level === "entries" || tile.level < 64);
  return isPossible && tilePath(tile) === path ? tile : undefined;
}

/** Leaves below one hash of a level: 256 to the power of it. */
export function leavesPerHash(level: number): number {
  return tileWidth ** level;
}

/** How wide a tile is in a tree of some size: 0 where the tree does not reach it. */
export function widthInTree({ level, index }: Omit<Tile, "width">, size: number): number {
  const hashes = Math.floor(size / leavesPerHash(level === "entries" ? 0 : level));
  return Math.max(0, Math.min(tileWidth, hashes - index * tileWidth));
}
