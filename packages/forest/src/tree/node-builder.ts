// Casts of typed-array reads are safe: indices come from this builder's own counters.
import type { ForestModel } from "../model.ts";

/** The header fields of a model, which the builder does not know. */
export type ModelHeader = Pick<ForestModel, "kind" | "columnCount" | "baseValue" | "outputMin" | "outputMax">;

/** Collects the nodes of one tree after another in growing flat arrays; see ForestModel for their meaning. */
export class NodeBuilder {
  nodeThresholds = new Float64Array(1024);
  nodeChildren = new Int32Array(1024);
  nodeFeatures = new Uint16Array(1024);
  nodeMissingLeft = new Uint8Array(1024);
  nodeCovers = new Float64Array(1024);
  /** The bin of each split, for walking over binned rows while training. */
  nodeBins = new Uint8Array(1024);
  nodeCount = 0;
  #treeOffsets: number[] = [0];

  /** The number of finished trees. */
  get treeCount(): number {
    return this.#treeOffsets.length - 1;
  }

  /** Makes room for a tree and adds its root; returns the root. */
  startTree(maxNodeCount: number): number {
    const needed = this.nodeCount + maxNodeCount;
    if (needed > this.nodeChildren.length) {
      const capacity = Math.max(needed, this.nodeChildren.length * 2);
      this.nodeThresholds = enlarge(this.nodeThresholds, new Float64Array(capacity));
      this.nodeChildren = enlarge(this.nodeChildren, new Int32Array(capacity));
      this.nodeFeatures = enlarge(this.nodeFeatures, new Uint16Array(capacity));
      this.nodeMissingLeft = enlarge(this.nodeMissingLeft, new Uint8Array(capacity));
      this.nodeCovers = enlarge(this.nodeCovers, new Float64Array(capacity));
      this.nodeBins = enlarge(this.nodeBins, new Uint8Array(capacity));
    }
    return this.nodeCount++;
  }

  /** Turns a node into a split and adds its two children; returns the first, the second follows it. */
  setSplit(node: number, feature: number, bin: number, threshold: number, missingLeft: number): number {
    const firstChild = this.nodeCount;
    this.nodeCount += 2;
    this.nodeThresholds[node] = threshold;
    this.nodeChildren[node] = firstChild;
    this.nodeFeatures[node] = feature;
    this.nodeMissingLeft[node] = missingLeft;
    this.nodeBins[node] = bin;
    return firstChild;
  }

  /** Turns a node into a leaf; also gives a leaf another value. */
  setLeaf(node: number, value: number): void {
    // Adding 0 turns -0 into 0, so that equal leaves have equal bytes.
    this.nodeThresholds[node] = value + 0;
    this.nodeChildren[node] = 0;
  }

  /** Says how much weight a leaf was grown on. */
  setLeafCover(node: number, cover: number): void {
    this.nodeCovers[node] = cover;
  }

  /** Ends the current tree. */
  endTree(): void {
    addUpCovers(this, this.rootOf(this.treeCount), this.nodeCount);
    this.#treeOffsets.push(this.nodeCount);
  }

  /** The first node of a finished tree, or of the one being grown. */
  rootOf(tree: number): number {
    return this.#treeOffsets[tree] as number;
  }

  /** The model of the first `treeCount` trees, in arrays of exactly the needed size. */
  build(header: ModelHeader, treeCount: number): ForestModel {
    const nodeCount = this.#treeOffsets[treeCount] as number;
    return Object.freeze({
      ...header,
      // Adding 0 turns -0 into 0, as in leaves.
      baseValue: header.baseValue + 0,
      outputMin: header.outputMin + 0,
      outputMax: header.outputMax + 0,
      treeCount,
      treeOffsets: Int32Array.from(this.#treeOffsets.slice(0, treeCount + 1)),
      nodeThresholds: this.nodeThresholds.slice(0, nodeCount),
      nodeChildren: this.nodeChildren.slice(0, nodeCount),
      nodeFeatures: this.nodeFeatures.slice(0, nodeCount),
      nodeMissingLeft: this.nodeMissingLeft.slice(0, nodeCount),
      nodeCovers: this.nodeCovers.slice(0, nodeCount),
    });
  }
}

/** Gives every split of nodes[from … to) the sum of its children's covers; children come after their parent. */
export function addUpCovers(
  nodes: Pick<ForestModel, "nodeChildren" | "nodeCovers">,
  from: number,
  to: number,
): void {
  const { nodeChildren, nodeCovers } = nodes;
  for (let node = to - 1; node >= from; node--) {
    const child = nodeChildren[node] as number;
    if (child !== 0) nodeCovers[node] = (nodeCovers[child] as number) + (nodeCovers[child + 1] as number);
  }
}

function enlarge<TArray extends Float64Array | Int32Array | Uint16Array | Uint8Array>(
  old: TArray,
  enlarged: TArray,
): TArray {
  enlarged.set(old);
  return enlarged;
}
