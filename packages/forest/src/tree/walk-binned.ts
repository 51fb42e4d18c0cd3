// Casts of typed-array reads are safe: node indices come from the builder, codes from binning the same rows.
import type { BinnedMatrix } from "./binning.ts";
import type { NodeBuilder } from "./node-builder.ts";

/** The leaf value that a tree being trained gives to a binned row; the same leaf as for the row's raw values. */
export function walkBinnedRow(builder: NodeBuilder, root: number, binned: BinnedMatrix, row: number): number {
  const { nodeThresholds, nodeChildren, nodeFeatures, nodeBins, nodeMissingLeft } = builder;
  const { codes, rowCount, finiteBinCounts } = binned;
  let node = root;
  let child = nodeChildren[node] as number;
  while (child !== 0) {
    const feature = nodeFeatures[node] as number;
    const code = codes[feature * rowCount + row] as number;
    const isMissing = code === (finiteBinCounts[feature] as number);
    const goesLeft = isMissing ? (nodeMissingLeft[node] as number) === 1 : code <= (nodeBins[node] as number);
    node = goesLeft ? child : child + 1;
    child = nodeChildren[node] as number;
  }
  return nodeThresholds[node] as number;
}
