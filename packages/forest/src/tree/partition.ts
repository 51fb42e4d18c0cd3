// Casts of typed-array reads are safe: positions stay within [start, end) of the row order.

/** How a split sorts codes: left when `code <= bin` or `code === missingCode` (256 when missing values go right). */
export interface CodeSplit {
  readonly codes: Uint8Array;
  codeOffset: number;
  bin: number;
  missingCode: number;
}

/**
 * Reorders order[start … end) in place so that the rows that go left come first; both sides keep their order. Returns
 * where the right side starts. O(rows); `scratch` must be as long as `order`.
 */
export function partitionRows(
  order: Uint32Array,
  start: number,
  end: number,
  split: CodeSplit,
  scratch: Uint32Array,
): number {
  const { codes, codeOffset, bin, missingCode } = split;
  let left = start;
  let right = 0;
  for (let i = start; i < end; i++) {
    const row = order[i] as number;
    const code = codes[codeOffset + row] as number;
    const goesLeft = Number(code <= bin) | Number(code === missingCode);
    // Both places are written and one is kept: the branch would be mispredicted half the time.
    order[left] = row;
    scratch[right] = row;
    left += goesLeft;
    right += 1 - goesLeft;
  }
  for (let i = 0; i < right; i++) order[left + i] = scratch[i] as number;
  return left;
}
