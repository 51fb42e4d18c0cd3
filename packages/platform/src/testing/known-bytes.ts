import { createHash } from "node:crypto";

/** Bytes that look random and are the same for a seed each time. */
export function createKnownBytes(seed: string): (size: number) => Buffer {
  let drawn = 0;
  return (size) => {
    const blocks = Array.from({ length: Math.ceil(size / 32) }, () => {
      drawn += 1;
      return createHash("sha256").update(`${seed} ${drawn}`).digest();
    });
    return Buffer.concat(blocks).subarray(0, size);
  };
}
