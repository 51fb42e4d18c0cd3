import type { TLogEntryWithInclusionProof } from "@sigstore/bundle";
import { LogCheckpoint } from "@sigstore/verify/dist/tlog/checkpoint.js";
import { verifyMerkleInclusion } from "@sigstore/verify/dist/tlog/merkle.js";
import { describe, expect, it } from "vitest";
import {
  appendToTiles,
  bytesToHex,
  emptyTreeHash,
  formatEntryBundle,
  growTree,
  hashLeaf,
  hashTree,
  hexToBytes,
  isConsistent,
  joinHashes,
  openTileTree,
  parseEntryBundle,
  parseTilePath,
  type ReadTile,
  rootOfInclusion,
  type TileHash,
  tilePath,
  utf8ToBytes,
  widthInTree,
} from "../src/index.ts";

/** The entries and roots that Certificate Transparency tests its trees with: `merkle_tree_test.cc`, now transparency-dev/merkle. */
const entries = [
  "",
  "00",
  "10",
  "2021",
  "3031",
  "40414243",
  "5051525354555657",
  "606162636465666768696a6b6c6d6e6f",
];
const roots = [
  "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
  "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
  "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
  "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
  "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
  "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
  "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
  "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
];
const leaves = entries.map((entry) => hashLeaf(hexToBytes(entry)));

/** Tiles in memory, filled by appending. */
function createTiles() {
  const levels: Uint8Array[][] = [[]];
  const readTile: ReadTile = async ({ level, index, width }) =>
    joinHashes((levels[level] ?? []).slice(index * 256, index * 256 + width));
  async function append(hashes: readonly Uint8Array[]): Promise<TileHash[]> {
    const [leafHashes = []] = levels;
    const added = await appendToTiles(leafHashes.length, hashes, readTile);
    leafHashes.push(...hashes);
    for (const { level, position, hash } of added) {
      levels[level] ??= [];
      expect(levels[level]).toHaveLength(position);
      levels[level].push(hash);
    }
    return added;
  }
  return { append, readTile };
}

const manyEntries = Array.from({ length: 66_000 }, (_, index) => utf8ToBytes(`entry ${index}`));
const manyLeaves = manyEntries.map(hashLeaf);

describe("a tree", () => {
  it("has the roots of Certificate Transparency's vectors", () => {
    expect(bytesToHex(emptyTreeHash)).toBe(
      "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    );
    expect(roots.map((_, index) => bytesToHex(hashTree(leaves.slice(0, index + 1))))).toEqual(roots);
  });

  it("has the same root when it gets leaf after leaf", () => {
    const tree = growTree();
    expect(tree.root()).toEqual(emptyTreeHash);
    const grown = leaves.map((leaf) => {
      tree.add(leaf);
      return bytesToHex(tree.root());
    });
    expect(grown).toEqual(roots);
  });

  it("shows that each leaf is in it, and refuses another leaf, place, size and proof", async () => {
    const { append, readTile } = createTiles();
    await append(leaves);
    for (let size = 1; size <= leaves.length; size += 1) {
      const tree = openTileTree(size, readTile);
      const root = roots[size - 1];
      expect(bytesToHex(await tree.root())).toBe(root);
      for (let index = 0; index < size; index += 1) {
        const proof = await tree.proveInclusion(index);
        const leaf = await tree.leafHash(index);
        expect(bytesToHex(rootOfInclusion(leaf, { index, size }, proof))).toBe(root);
        expect(bytesToHex(rootOfInclusion(hashLeaf(leaf), { index, size }, proof))).not.toBe(root);
        expect(() => rootOfInclusion(leaf, { index: size, size }, proof)).toThrow("not in a tree");
        expect(() => rootOfInclusion(leaf, { index, size }, [...proof, leaf])).toThrow(
          "hashes where it takes",
        );
      }
    }
  });

  it("shows that it continues each smaller one, and no other", async () => {
    const { append, readTile } = createTiles();
    await append(manyLeaves.slice(0, 20));
    const head = async (size: number) => ({ size, root: await openTileTree(size, readTile).root() });
    for (let size = 1; size <= 20; size += 1) {
      const larger = await head(size);
      for (let from = 1; from <= size; from += 1) {
        const proof = await openTileTree(size, readTile).proveConsistency(from);
        const smaller = await head(from);
        expect(isConsistent(smaller, larger, proof)).toBe(true);
        expect(isConsistent({ ...smaller, root: hashLeaf(smaller.root) }, larger, proof)).toBe(false);
        expect(isConsistent(smaller, { ...larger, root: hashLeaf(larger.root) }, proof)).toBe(false);
        expect(isConsistent(smaller, larger, [...proof, smaller.root])).toBe(false);
      }
      expect(isConsistent({ size: 0, root: emptyTreeHash }, larger, [])).toBe(true);
    }
  });
});

describe("tiles", () => {
  it("give the same root however the leaves were appended, over three levels", async () => {
    const { append, readTile } = createTiles();
    let from = 0;
    let smaller = { size: 0, root: emptyTreeHash };
    for (const size of [1, 255, 256, 257, 600, 65_535, 65_536, 66_000]) {
      await append(manyLeaves.slice(from, size));
      from = size;
      const tree = openTileTree(size, readTile);
      const larger = { size, root: await tree.root() };
      const proof = smaller.size === 0 ? [] : await tree.proveConsistency(smaller.size);
      expect(isConsistent(smaller, larger, proof), `${size} leaves`).toBe(true);
      if (size <= 600 || size === 66_000) {
        expect(bytesToHex(larger.root), `${size} leaves`).toBe(
          bytesToHex(hashTree(manyLeaves.slice(0, size))),
        );
      }
      smaller = larger;
    }
    const range = await openTileTree(66_000, readTile).rootOfRange(300, 1_000);
    expect(bytesToHex(range)).toBe(bytesToHex(hashTree(manyLeaves.slice(300, 1_000))));
  });

  it("give proofs that Sigstore's verifier accepts, and refuses with another entry", async () => {
    const { append, readTile } = createTiles();
    await append(manyLeaves);
    for (const [index, size] of [
      [0, 1],
      [5, 6],
      [255, 256],
      [256, 257],
      [3, 1_000],
      [65_536, 65_537],
      [12_345, 66_000],
    ] as const) {
      const tree = openTileTree(size, readTile);
      const proof = await tree.proveInclusion(index);
      const checkpoint = new LogCheckpoint(
        "example.org/log",
        BigInt(size),
        Buffer.from(await tree.root()),
        [],
      );
      // An entry of that library has more fields, which this check does not read.
      const toEntry = (body: Uint8Array | undefined) =>
        ({
          canonicalizedBody: Buffer.from(body ?? []),
          inclusionProof: { logIndex: String(index), hashes: proof.map((hash) => Buffer.from(hash)) },
        }) as unknown as TLogEntryWithInclusionProof;
      verifyMerkleInclusion(toEntry(manyEntries[index]), checkpoint);
      expect(() => verifyMerkleInclusion(toEntry(manyEntries[index + 1]), checkpoint)).toThrow();
    }
  });

  it("have the paths and widths of C2SP's examples", () => {
    const tile = { level: 0, index: 1_234_067, width: 256 };
    expect(tilePath(tile)).toBe("tile/0/x001/x234/067");
    expect(tilePath({ level: "entries", index: 5, width: 3 })).toBe("tile/entries/005.p/3");
    const size = 70_000;
    expect([272, 273, 274].map((index) => widthInTree({ level: 0, index }, size))).toEqual([256, 112, 0]);
    expect([0, 1, 2].map((index) => widthInTree({ level: 1, index }, size))).toEqual([256, 17, 0]);
    expect(widthInTree({ level: 2, index: 0 }, size)).toBe(1);
    expect([0, 1].map((level) => widthInTree({ level, index: 0 }, 256))).toEqual([256, 1]);
    for (const path of ["tile/0/x001/x234/067", "tile/entries/005.p/3", "tile/63/000.p/255"]) {
      expect(tilePath(parseTilePath(path) ?? tile), path).toBe(path);
    }
    for (const path of [
      "tile/00/000",
      "tile/64/000",
      "tile/0/x000/001",
      "tile/0/1",
      "tile/0/000.p/0",
      "tile/0/000.p/256",
      "tile/0/000.p/07",
      "tile/-1/000",
      "tile/0/000/",
      "tile/0/%2e",
      "",
    ]) {
      expect(parseTilePath(path), path).toBeUndefined();
    }
  });

  it("of entries keep each entry, the empty and the largest too, and refuse half of one", () => {
    const bundle = [new Uint8Array(), utf8ToBytes("{}"), new Uint8Array(65_535)];
    const bytes = formatEntryBundle(bundle);
    expect(parseEntryBundle(bytes)).toEqual(bundle);
    expect(() => parseEntryBundle(bytes.subarray(0, -1))).toThrow("ends within an entry");
    expect(() => parseEntryBundle(bytes.subarray(0, 3))).toThrow("ends within an entry");
    expect(() => formatEntryBundle([new Uint8Array(65_536)])).toThrow(RangeError);
  });
});
