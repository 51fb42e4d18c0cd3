// Casts of typed-array reads are safe: positions are below the stack's own depth.
import type { SplitSearch } from "./split-search.ts";
import { leafValue } from "./split-search.ts";

/** The totals of a node and the bounds of its value. */
type NodeTotals = Pick<SplitSearch, "nodeSum" | "nodeWeight" | "nodeCount" | "lower" | "upper">;

/** Where the children of a split lie: rows [start, middle) and [middle, end) of the parent's, and their histograms. */
interface ChildPlaces {
  readonly firstChild: number;
  readonly middle: number;
  readonly leftSlot: number;
  readonly rightSlot: number;
}

const integersPerNode = 5;
const doublesPerNode = 5;

/**
 * The nodes still to be grown. `pop` puts the totals into the split search and the rest into the fields below; nothing
 * is allocated unless the stack must grow.
 */
export class NodeStack {
  node = 0;
  start = 0;
  end = 0;
  depth = 0;
  /** The node's histogram, or -1 when it has none. */
  slot = -1;
  #integers = new Int32Array(integersPerNode * 64);
  #doubles = new Float64Array(doublesPerNode * 64);
  #length = 0;

  push(node: number, start: number, end: number, depth: number, slot: number, totals: NodeTotals): void {
    const i = this.#length * integersPerNode;
    if (i === this.#integers.length) this.#enlarge();
    const integers = this.#integers;
    integers[i] = node;
    integers[i + 1] = start;
    integers[i + 2] = end;
    integers[i + 3] = depth;
    integers[i + 4] = slot;
    const d = this.#length * doublesPerNode;
    const doubles = this.#doubles;
    doubles[d] = totals.nodeSum;
    doubles[d + 1] = totals.nodeWeight;
    doubles[d + 2] = totals.nodeCount;
    doubles[d + 3] = totals.lower;
    doubles[d + 4] = totals.upper;
    this.#length++;
  }

  /** Takes the top node off; false when none is left. */
  pop(totals: NodeTotals): boolean {
    if (this.#length === 0) return false;
    this.#length--;
    const i = this.#length * integersPerNode;
    const integers = this.#integers;
    this.node = integers[i] as number;
    this.start = integers[i + 1] as number;
    this.end = integers[i + 2] as number;
    this.depth = integers[i + 3] as number;
    this.slot = integers[i + 4] as number;
    const d = this.#length * doublesPerNode;
    const doubles = this.#doubles;
    totals.nodeSum = doubles[d] as number;
    totals.nodeWeight = doubles[d + 1] as number;
    totals.nodeCount = doubles[d + 2] as number;
    totals.lower = doubles[d + 3] as number;
    totals.upper = doubles[d + 4] as number;
    return true;
  }

  /**
   * Pushes both children of the popped node, the left one on top. A split on a monotone column also bounds the values
   * on both sides by the middle of the two child values, as LightGBM's "basic" method does; `direction` is 0 otherwise.
   * Leaves the search's node fields changed.
   */
  pushChildren(search: SplitSearch, direction: number, places: ChildPlaces): void {
    const { start, end, depth } = this;
    const { nodeSum, nodeWeight, nodeCount, lower, upper, bestLeftSum, bestLeftWeight } = search;
    let middleValue = 0;
    if (direction !== 0) {
      const left = leafValue(search, bestLeftSum, bestLeftWeight);
      const right = leafValue(search, nodeSum - bestLeftSum, nodeWeight - bestLeftWeight);
      middleValue = left * 0.5 + right * 0.5;
    }
    search.nodeSum = nodeSum - bestLeftSum;
    search.nodeWeight = nodeWeight - bestLeftWeight;
    search.nodeCount = nodeCount - search.bestLeftCount;
    search.lower = direction > 0 ? middleValue : lower;
    search.upper = direction < 0 ? middleValue : upper;
    this.push(places.firstChild + 1, places.middle, end, depth + 1, places.rightSlot, search);
    search.nodeSum = bestLeftSum;
    search.nodeWeight = bestLeftWeight;
    search.nodeCount = search.bestLeftCount;
    search.lower = direction < 0 ? middleValue : lower;
    search.upper = direction > 0 ? middleValue : upper;
    this.push(places.firstChild, start, places.middle, depth + 1, places.leftSlot, search);
  }

  #enlarge(): void {
    const integers = new Int32Array(this.#integers.length * 2);
    integers.set(this.#integers);
    this.#integers = integers;
    const doubles = new Float64Array(this.#doubles.length * 2);
    doubles.set(this.#doubles);
    this.#doubles = doubles;
  }
}
