// Casts of typed-array reads are safe: codes stay below the mask rows of their column, and leaves below 32 per tree.
import type { Matrix } from "./matrix.ts";
import type { ForestModel } from "./model.ts";
import type { ThresholdTable } from "./threshold-table.ts";
import { collectThresholds, thresholdIndex } from "./threshold-table.ts";

const maxLeafCount = 32;
/** Trees per pass: keeps the masks of a pass in the processor's second-level cache. */
const treesPerPass = 64;
const rowsPerBlock = 4096;
/** Fewer rows do not pay for building the masks. */
const minRowCount = 2000;
/** With more columns, walking trees is cheaper than looking at every column. */
const maxMaskedColumns = 16;
/** At most 16 MB of masks. */
const maxMaskCount = 2 ** 22;

/**
 * Adds up the leaf values of every row, for ensembles of small trees and many rows, without walking any tree. For every
 * column, every range between neighbouring thresholds and every tree, a 32-bit mask holds the leaves that such a value
 * leaves possible; the bitwise "and" over the columns leaves the one leaf of the row. After QuickScorer (Lucchese et al.,
 * 2015), with the masks of each value range computed beforehand. Adds in tree order, so sums equal those of walking.
 * Returns false, having done nothing, when the model or the number of rows does not suit.
 */
export function tryLeafMasks(model: ForestModel, features: Matrix, sums: Float64Array): boolean {
  if (features.rowCount < minRowCount) return false;
  const table = collectThresholds(model);
  if (!suitsLeafMasks(model, table)) return false;
  const passes: Pass[] = [];
  for (let first = 0; first < model.treeCount; first += treesPerPass) {
    passes.push(buildPass(model, table, first, Math.min(treesPerPass, model.treeCount - first)));
  }
  const codes = new Uint32Array(Math.min(rowsPerBlock, features.rowCount) * model.columnCount);
  for (let start = 0; start < features.rowCount; start += rowsPerBlock) {
    const end = Math.min(start + rowsPerBlock, features.rowCount);
    encodeBlock(codes, table, features, start, end);
    for (const pass of passes) {
      for (let row = start; row < end; row++) {
        const codeOffset = (row - start) * model.columnCount;
        sums[row] = addPass(pass, codes, codeOffset, model.columnCount, sums[row] as number);
      }
    }
  }
  return true;
}

/** Whether every tree has few enough leaves, the masks stay small, and there are not too many columns. */
function suitsLeafMasks(model: ForestModel, table: ThresholdTable): boolean {
  const { treeOffsets, treeCount, columnCount } = model;
  for (let tree = 0; tree < treeCount; tree++) {
    const nodeCount = (treeOffsets[tree + 1] as number) - (treeOffsets[tree] as number);
    if (nodeCount > 2 * maxLeafCount - 1) return false;
  }
  const maskCount = (table.values.length + 2 * columnCount) * treeCount;
  return columnCount <= maxMaskedColumns && maskCount <= maxMaskCount;
}

/** The masks of a few trees: mask row m holds one mask per tree, from masks[m * treeCount]. */
interface Pass {
  readonly treeCount: number;
  readonly masks: Int32Array;
  /** The first mask row of each column; a column with k thresholds has k + 1 ranges and one row for "missing". */
  readonly maskRows: Int32Array;
  /** Leaf values, 32 places per tree. */
  readonly leafValues: Float64Array;
  readonly scratch: Int32Array;
}

function buildPass(model: ForestModel, table: ThresholdTable, firstTree: number, treeCount: number): Pass {
  const maskRows = table.offsets.map((offset, column) => offset + 2 * column);
  const rowCount = maskRows[model.columnCount] as number;
  const pass = {
    treeCount,
    masks: new Int32Array(rowCount * treeCount).fill(-1),
    maskRows: Int32Array.from(maskRows),
    leafValues: new Float64Array(treeCount * maxLeafCount),
    scratch: new Int32Array(treeCount),
  };
  for (let tree = 0; tree < treeCount; tree++) {
    const root = model.treeOffsets[firstTree + tree] as number;
    const leafCount = addSubtree(pass, model, table, tree, root, 0);
    // Bits beyond the last leaf must go too; clearing them in one column clears them for good.
    for (let row = 0; row < (maskRows[1] as number); row++) {
      pass.masks[row * treeCount + tree] =
        (pass.masks[row * treeCount + tree] as number) & leafRange(0, leafCount);
    }
  }
  return pass;
}

/** Numbers the leaves below a node from `firstLeaf` on and clears what its splits exclude; returns the next free leaf. */
function addSubtree(
  pass: Pass,
  model: ForestModel,
  table: ThresholdTable,
  tree: number,
  node: number,
  firstLeaf: number,
): number {
  const child = model.nodeChildren[node] as number;
  if (child === 0) {
    pass.leafValues[tree * maxLeafCount + firstLeaf] = model.nodeThresholds[node] as number;
    return firstLeaf + 1;
  }
  const middle = addSubtree(pass, model, table, tree, child, firstLeaf);
  const end = addSubtree(pass, model, table, tree, child + 1, middle);
  const column = model.nodeFeatures[node] as number;
  const from = pass.maskRows[column] as number;
  const missingRow = (pass.maskRows[column + 1] as number) - 1;
  const split = from + thresholdIndex(table, column, model.nodeThresholds[node] as number);
  const withoutLeft = ~leafRange(firstLeaf, middle);
  const withoutRight = ~leafRange(middle, end);
  for (let row = from; row <= missingRow; row++) {
    const goesLeft = row === missingRow ? model.nodeMissingLeft[node] === 1 : row <= split;
    const index = row * pass.treeCount + tree;
    pass.masks[index] = (pass.masks[index] as number) & (goesLeft ? withoutRight : withoutLeft);
  }
  return end;
}

/** The bits from `from` up to, not including, `to`. */
function leafRange(from: number, to: number): number {
  const below = (count: number) => (count === 32 ? -1 : (1 << count) - 1);
  return below(to) & ~below(from);
}

/** Writes, for every value of a block of rows, its mask row. */
function encodeBlock(
  codes: Uint32Array,
  table: ThresholdTable,
  features: Matrix,
  start: number,
  end: number,
): void {
  const { values, columnCount } = features;
  for (let column = 0; column < columnCount; column++) {
    const from = table.offsets[column] as number;
    const count = (table.offsets[column + 1] as number) - from;
    const firstMaskRow = from + 2 * column;
    for (let row = start; row < end; row++) {
      const value = values[row * columnCount + column] as number;
      const range = Number.isNaN(value) ? count + 1 : countBelow(table.values, from, count, value);
      codes[(row - start) * columnCount + column] = firstMaskRow + range;
    }
  }
}

/** How many of sorted[from … from + count) are below the value. Adds comparisons instead of branching on them. */
function countBelow(sorted: Float64Array, from: number, count: number, value: number): number {
  let position = from;
  let length = count;
  while (length > 1) {
    const half = length >>> 1;
    position += half * Number((sorted[position + half - 1] as number) < value);
    length -= half;
  }
  if (length === 1 && (sorted[position] as number) < value) position++;
  return position - from;
}

/** Adds the leaf values that the trees of a pass give to one row to `start`, in tree order. */
function addPass(
  pass: Pass,
  codes: Uint32Array,
  codeOffset: number,
  columnCount: number,
  start: number,
): number {
  const { masks, scratch, treeCount, leafValues } = pass;
  const lastCode = codeOffset + columnCount - 1;
  const first = (codes[codeOffset] as number) * treeCount;
  for (let tree = 0; tree < treeCount; tree++) scratch[tree] = masks[first + tree] as number;
  // Four columns at a time read and write the scratch masks a quarter as often; the last four also look up the leaves.
  // Where fewer than four are left, the last one is repeated: a repeated "and" changes nothing.
  let at = codeOffset + 1;
  for (; at + 4 <= lastCode; at += 4) {
    const a = (codes[at] as number) * treeCount;
    const b = (codes[at + 1] as number) * treeCount;
    const c = (codes[at + 2] as number) * treeCount;
    const d = (codes[at + 3] as number) * treeCount;
    for (let tree = 0; tree < treeCount; tree++) {
      scratch[tree] =
        (scratch[tree] as number) &
        (masks[a + tree] as number) &
        (masks[b + tree] as number) &
        (masks[c + tree] as number) &
        (masks[d + tree] as number);
    }
  }
  const a = (codes[Math.min(at, lastCode)] as number) * treeCount;
  const b = (codes[Math.min(at + 1, lastCode)] as number) * treeCount;
  const c = (codes[Math.min(at + 2, lastCode)] as number) * treeCount;
  const d = (codes[Math.min(at + 3, lastCode)] as number) * treeCount;
  let sum = start;
  for (let tree = 0; tree < treeCount; tree++) {
    const mask =
      (scratch[tree] as number) &
      (masks[a + tree] as number) &
      (masks[b + tree] as number) &
      (masks[c + tree] as number) &
      (masks[d + tree] as number);
    sum += leafValues[tree * maxLeafCount + 31 - Math.clz32(mask)] as number;
  }
  return sum;
}
