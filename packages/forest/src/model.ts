/**
 * A fitted ensemble of binary regression trees. Treat it as immutable: nothing in this package changes one.
 *
 * All trees lie one after the other in flat arrays, one entry per node. The first node of a tree is its root. A node
 * whose `nodeChildren` is 0 is a leaf and keeps its value in `nodeThresholds`. Any other node sends a row to node
 * `nodeChildren` when `row[nodeFeatures] <= nodeThresholds`, to the node after that when it is greater; a missing
 * value (NaN) goes to the first when `nodeMissingLeft` is 1, else to the second. A child always comes after its
 * parent, within the same tree, so walking down always ends.
 *
 * The prediction is `baseValue + sum of leaf values / divisor`, limited to [outputMin, outputMax], where the divisor is
 * `treeCount` for a random forest and 1 for gradient boosting.
 *
 * Thresholds are Float64, so a training value is never rounded across one: predictions on the training rows follow
 * exactly the paths that they took in training.
 */
export interface ForestModel {
  readonly kind: "random-forest" | "gradient-boosting";
  readonly columnCount: number;
  readonly treeCount: number;
  readonly baseValue: number;
  readonly outputMin: number;
  readonly outputMax: number;
  /** Length treeCount + 1: the nodes of tree t are treeOffsets[t] up to, not including, treeOffsets[t + 1]. */
  readonly treeOffsets: Int32Array;
  readonly nodeThresholds: Float64Array;
  readonly nodeChildren: Int32Array;
  readonly nodeFeatures: Uint16Array;
  readonly nodeMissingLeft: Uint8Array;
  /**
   * How much weight of training rows each node was grown on (a row drawn twice counts twice); above 0. A split's cover
   * is the sum of its children's. Only explanations need it.
   */
  readonly nodeCovers: Float64Array;
}
