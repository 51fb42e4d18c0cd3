// Casts of typed-array reads are safe: nodes, slots and stack positions are this grower's own counters.
import type { Random } from "../random.ts";
import type { BinnedMatrix } from "./binning.ts";
import type { GatheredRows, Histogram, RowStatistics } from "./histogram.ts";
import {
  addToHistogram,
  clearHistogram,
  createGatheredRows,
  createHistogram,
  gatherRows,
  subtractHistogram,
  sumGatheredRows,
} from "./histogram.ts";
import type { NodeBuilder } from "./node-builder.ts";
import { NodeStack } from "./node-stack.ts";
import type { OccupiedBins } from "./occupied-bins.ts";
import { clearOccupiedBins, collectOccupiedBins, createOccupiedBins } from "./occupied-bins.ts";
import type { CodeSplit } from "./partition.ts";
import { partitionRows } from "./partition.ts";
import type { SplitSearch } from "./split-search.ts";
import {
  createSplitSearch,
  leafValue,
  missingLeft,
  missingUnseen,
  searchColumn,
  startSplitSearch,
} from "./split-search.ts";

/** Limits on tree growth; see the options of the two ensembles for their meaning. */
export interface GrowOptions {
  readonly maxDepth: number;
  readonly minSamplesLeaf: number;
  readonly l2: number;
  readonly monotone: Int8Array | undefined;
}

/** What one tree is grown on. */
export interface TreeSample {
  /** The row order: growing permutes its first `rowCount` entries so that each leaf's rows lie together. */
  readonly order: Uint32Array;
  readonly rowCount: number;
  /** The columns that this tree may use. */
  readonly columns: Uint32Array;
  /** How many of them, drawn by `random`, are tried at each node; without `random` all are, in order. */
  readonly columnsPerNode: number;
  readonly random?: Random;
}

/** Below this share of the average number of bins, listing a node's occupied bins is faster than a full histogram. */
const sparseRowShare = 0.5;

/**
 * Grows regression trees on binned features by histogram split finding, depth first. All working memory is kept between
 * trees, so growing a node allocates nothing. The histogram of the larger child is the parent's minus the smaller
 * child's (Ke et al., 2017).
 */
export class TreeGrower {
  /**
   * The rows of each node of the last tree: node n holds order[nodeStarts[n - root] … nodeEnds[n - root]), where root is
   * the tree's first node.
   */
  readonly nodeStarts: Int32Array;
  readonly nodeEnds: Int32Array;

  readonly #binned: BinnedMatrix;
  readonly #statistics: RowStatistics;
  readonly #options: GrowOptions;
  readonly #builder: NodeBuilder;
  readonly #maxNodeCount: number;
  readonly #search: SplitSearch;
  readonly #gathered: GatheredRows;
  readonly #occupied: OccupiedBins;
  readonly #split: CodeSplit;
  readonly #scratch: Uint32Array;
  readonly #stack = new NodeStack();
  readonly #histograms: Histogram[] = [];
  readonly #freeSlots: number[] = [];
  readonly #identityCodes = Uint8Array.from({ length: 256 }, (_, code) => code);
  readonly #candidates: {
    histogram: Histogram;
    offset: number;
    length: number;
    codes: Uint8Array;
    direction: number;
  };
  readonly #minHistogramRows: number;
  #root = 0;

  constructor(binned: BinnedMatrix, statistics: RowStatistics, builder: NodeBuilder, options: GrowOptions) {
    const { rowCount, columnCount } = binned;
    const histogramSize = binned.histogramOffsets[columnCount] as number;
    this.#binned = binned;
    // Copied, so that both ensembles bring objects of one shape: code compiled for the one then serves the other.
    const { sums, weights, counts } = statistics;
    this.#statistics = { sums, weights, counts };
    const { maxDepth, minSamplesLeaf, l2, monotone } = options;
    this.#options = { maxDepth, minSamplesLeaf, l2, monotone };
    this.#builder = builder;
    const maxLeafCount = options.maxDepth < 31 ? Math.min(rowCount, 1 << options.maxDepth) : rowCount;
    this.#maxNodeCount = 2 * maxLeafCount - 1;
    this.nodeStarts = new Int32Array(this.#maxNodeCount);
    this.nodeEnds = new Int32Array(this.#maxNodeCount);
    this.#search = createSplitSearch(options.l2, options.minSamplesLeaf, options.monotone !== undefined);
    this.#gathered = createGatheredRows(rowCount, statistics);
    this.#occupied = createOccupiedBins(this.#gathered.countsAreWeights);
    this.#split = { codes: binned.codes, codeOffset: 0, bin: 0, missingCode: 256 };
    this.#scratch = new Uint32Array(rowCount);
    this.#candidates = {
      histogram: this.#occupied.histogram,
      offset: 0,
      length: 0,
      codes: this.#identityCodes,
      direction: 0,
    };
    this.#minHistogramRows = Math.max(2, (histogramSize / columnCount) * sparseRowShare);
  }

  /** Grows one tree into the builder. */
  grow(sample: TreeSample): void {
    const { order, rowCount } = sample;
    const search = this.#search;
    this.#root = this.#builder.startTree(this.#maxNodeCount);
    gatherRows(this.#gathered, this.#statistics, order, 0, rowCount);
    sumGatheredRows(this.#gathered, search);
    search.lower = Number.NEGATIVE_INFINITY;
    search.upper = Number.POSITIVE_INFINITY;
    let slot = -1;
    if (this.#needsHistogram(rowCount, search.nodeCount, 0)) {
      slot = this.#takeSlot();
      this.#fillSlot(slot, sample.columns);
    }
    this.#stack.push(this.#root, 0, rowCount, 0, slot, search);
    while (this.#stack.pop(search)) this.#growNode(sample);
    this.#builder.endTree();
  }

  /** Splits the popped node and pushes its children, or makes it a leaf. */
  #growNode(sample: TreeSample): void {
    const { node, start, end, depth, slot } = this.#stack;
    const search = this.#search;
    this.nodeStarts[node - this.#root] = start;
    this.nodeEnds[node - this.#root] = end;
    if (this.#canSplit(end - start, search.nodeCount, depth)) {
      this.#searchColumns(sample, start, end, slot);
      if (search.bestFeature >= 0) {
        const middle = this.#partition(sample.order, start, end);
        this.#pushChildren(sample, this.#setSplit(node), middle);
        return;
      }
    }
    if (slot >= 0) this.#freeSlots.push(slot);
    this.#builder.setLeaf(node, leafValue(search, search.nodeSum, search.nodeWeight));
    this.#builder.setLeafCover(node, this.#coverOf(sample.order, start, end));
  }

  /** Where rows count what they weigh, the node's weight is a sum of integers, so it is exact; else it is summed anew. */
  #coverOf(order: Uint32Array, start: number, end: number): number {
    const { weights, counts } = this.#statistics;
    if (weights === undefined || counts === undefined) return this.#search.nodeWeight;
    let cover = 0;
    for (let i = start; i < end; i++) cover += weights[order[i] as number] as number;
    return cover;
  }

  #searchColumns(sample: TreeSample, start: number, end: number, slot: number): void {
    const { columns, columnsPerNode, random } = sample;
    startSplitSearch(this.#search);
    if (slot < 0) gatherRows(this.#gathered, this.#statistics, sample.order, start, end);
    for (let k = 0; k < columnsPerNode; k++) {
      if (random !== undefined) swap(columns, k, k + random.nextInt(columns.length - k));
      this.#searchColumn(columns[k] as number, slot);
    }
  }

  #searchColumn(column: number, slot: number): void {
    const binned = this.#binned;
    const candidates = this.#candidates;
    candidates.direction = this.#directionOf(column);
    if (slot >= 0) {
      candidates.histogram = this.#histograms[slot] as Histogram;
      candidates.offset = binned.histogramOffsets[column] as number;
      candidates.length = (binned.histogramOffsets[column + 1] as number) - candidates.offset;
      candidates.codes = this.#identityCodes;
    } else {
      collectOccupiedBins(this.#occupied, this.#gathered, binned.codes, column * binned.rowCount);
      candidates.histogram = this.#occupied.histogram;
      candidates.offset = 0;
      candidates.length = this.#occupied.length;
      candidates.codes = this.#occupied.codes;
    }
    if (candidates.length > 1) {
      searchColumn(this.#search, candidates, column, binned.finiteBinCounts[column] as number);
    }
    if (slot < 0) clearOccupiedBins(this.#occupied);
  }

  #partition(order: Uint32Array, start: number, end: number): number {
    const { bestFeature, bestBin, bestMissing } = this.#search;
    const split = this.#split;
    split.codeOffset = bestFeature * this.#binned.rowCount;
    split.bin = bestBin;
    split.missingCode =
      bestMissing === missingLeft ? (this.#binned.finiteBinCounts[bestFeature] as number) : 256;
    return partitionRows(order, start, end, split, this.#scratch);
  }

  /** Writes the best split to the node; a missing value that the node never saw goes to the heavier side. */
  #setSplit(node: number): number {
    const { bestFeature, bestBin, bestMissing, bestLeftWeight, nodeWeight } = this.#search;
    const isLeft =
      bestMissing === missingLeft ||
      (bestMissing === missingUnseen && bestLeftWeight >= nodeWeight - bestLeftWeight);
    const threshold = (this.#binned.cuts[bestFeature] as Float64Array)[bestBin] as number;
    return this.#builder.setSplit(node, bestFeature, bestBin, threshold, isLeft ? 1 : 0);
  }

  /** Gives the children their histograms where they need one; the left child is grown first. */
  #pushChildren(sample: TreeSample, firstChild: number, middle: number): void {
    const { start, end, depth, slot } = this.#stack;
    const search = this.#search;
    const isLeftSmaller = middle - start <= end - middle;
    const leftCount = search.bestLeftCount;
    const smallerRows = isLeftSmaller ? middle - start : end - middle;
    const smallerCount = isLeftSmaller ? leftCount : search.nodeCount - leftCount;
    const smallerNeeds = this.#needsHistogram(smallerRows, smallerCount, depth + 1);
    const largerNeeds = this.#needsHistogram(
      end - start - smallerRows,
      search.nodeCount - smallerCount,
      depth + 1,
    );
    let smallerSlot = -1;
    let largerSlot = -1;
    if (slot >= 0 && (smallerNeeds || largerNeeds)) {
      const from = isLeftSmaller ? start : middle;
      gatherRows(this.#gathered, this.#statistics, sample.order, from, from + smallerRows);
      largerSlot = slot;
      smallerSlot = this.#subtractSmaller(sample.columns, slot, smallerNeeds);
    } else if (slot >= 0) {
      this.#freeSlots.push(slot);
    }
    this.#stack.pushChildren(search, this.#splitDirection(), {
      firstChild,
      middle,
      leftSlot: isLeftSmaller ? smallerSlot : largerSlot,
      rightSlot: isLeftSmaller ? largerSlot : smallerSlot,
    });
  }

  /** Turns the parent's histogram into the larger child's, and returns the slot of the smaller's, or -1. */
  #subtractSmaller(columns: Uint32Array, slot: number, smallerNeeds: boolean): number {
    const parent = this.#histograms[slot] as Histogram;
    if (!smallerNeeds) {
      addToHistogram(parent, this.#binned, columns, this.#gathered, -1);
      return -1;
    }
    const smallerSlot = this.#takeSlot();
    this.#fillSlot(smallerSlot, columns);
    subtractHistogram(parent, this.#histograms[smallerSlot] as Histogram);
    return smallerSlot;
  }

  #canSplit(rowCount: number, count: number, depth: number): boolean {
    return depth < this.#options.maxDepth && rowCount >= 2 && count >= 2 * this.#options.minSamplesLeaf;
  }

  #needsHistogram(rowCount: number, count: number, depth: number): boolean {
    return rowCount >= this.#minHistogramRows && this.#canSplit(rowCount, count, depth);
  }

  #directionOf(column: number): number {
    return this.#options.monotone?.[column] ?? 0;
  }

  /** The direction that the best split must keep; 0 for "present against missing", which has no order. */
  #splitDirection(): number {
    const { bestFeature, bestBin } = this.#search;
    const lastBin = (this.#binned.finiteBinCounts[bestFeature] as number) - 1;
    return bestBin === lastBin ? 0 : this.#directionOf(bestFeature);
  }

  #takeSlot(): number {
    const free = this.#freeSlots.pop();
    if (free !== undefined) return free;
    const size = this.#binned.histogramOffsets[this.#binned.columnCount] as number;
    return this.#histograms.push(createHistogram(size, this.#gathered.countsAreWeights)) - 1;
  }

  #fillSlot(slot: number, columns: Uint32Array): void {
    const histogram = this.#histograms[slot] as Histogram;
    clearHistogram(histogram);
    addToHistogram(histogram, this.#binned, columns, this.#gathered, 1);
  }
}

function swap(values: Uint32Array, a: number, b: number): void {
  const kept = values[a] as number;
  values[a] = values[b] as number;
  values[b] = kept;
}
