/** So finely what shares earn is cut into straight pieces, percentage points of APY of a whole portfolio. */
const pieceErrorMax = 0.004;
const piecesMax = 8;

/**
 * What shares bring, `share · apy(share)` less what changing them costs by its size, as straight pieces between points on it. It is concave,
 * so each piece pays less than the one before. What is held now is one of the points, so that staying is valued exactly.
 *
 * @param worth - `costOf` is 0 of no change and convex; percentage points of APY times basis points
 */
export function piecesOf(
  capBp: number,
  currentBp: number,
  worth: {
    readonly apyAt: (shareBp: number) => number;
    readonly costOf: (changeBp: number) => number;
  },
): readonly { readonly lengthBp: number; readonly apy: number }[] {
  const { apyAt, costOf } = worth;
  if (capBp === 0) return [];
  const drop =
    Math.abs(apyAt(0) - apyAt(capBp)) + (costOf(Math.max(0, capBp - currentBp)) + costOf(-currentBp)) / capBp;
  const count = Math.max(1, Math.min(piecesMax, Math.ceil(Math.sqrt(drop / (4 * pieceErrorMax)))));
  const ends = Array.from({ length: count }, (_, piece) => Math.round(((piece + 1) * capBp) / count));
  if (currentBp > 0 && currentBp < capBp) ends.push(currentBp);
  const points = [...new Set([0, ...ends])].toSorted((left, right) => left - right);
  const worthAt = (shareBp: number) => shareBp * apyAt(shareBp) - costOf(shareBp - currentBp);
  let lowest = Number.POSITIVE_INFINITY;
  return points.slice(1).map((end, index) => {
    const start = points[index] ?? 0;
    const slope = (worthAt(end) - worthAt(start)) / (end - start);
    lowest = Math.min(lowest, slope);
    return { lengthBp: end - start, apy: lowest };
  });
}
