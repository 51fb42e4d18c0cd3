// Casts of typed-array reads are safe: every index is a constant below the array's length.
import { ForestError } from "./errors.ts";

/** A stream of pseudo-random numbers. Not for cryptography. */
export interface Random {
  /** The next integer in [0, 2^32). */
  nextUint32(): number;
  /** The next number in [0, 1), a multiple of 2^-32. */
  nextFloat(): number;
  /** The next integer in [0, bound), for 1 ≤ bound ≤ 2^31; the bias is below bound / 2^32. */
  nextInt(bound: number): number;
}

/**
 * Creates a deterministic random stream: xoshiro128** (Blackman and Vigna, "Scrambled linear pseudorandom number
 * generators", 2018, https://prng.di.unimi.it/xoshiro128starstar.c), seeded through the 32-bit SplitMix finaliser.
 * The same seed gives the same stream on every engine: only integer operations are used.
 *
 * @param seed any safe integer
 * @throws ForestError `BAD_OPTION` when the seed is not a safe integer
 */
export function createRandom(seed: number): Random {
  if (!Number.isSafeInteger(seed)) {
    throw new ForestError("BAD_OPTION", `seed must be a safe integer, got ${seed}`);
  }
  const state = new Int32Array(4);
  let counter = seed | 0;
  for (let word = 0; word < 4; word++) {
    counter = (counter + 0x9e3779b9) | 0;
    state[word] = mix(counter);
  }
  // The four words are distinct, so this cannot produce the forbidden all-zero state.
  state[3] = (state[3] as number) ^ Math.floor(seed / 4294967296);
  return randomFromState(state);
}

/** Wraps a raw xoshiro128** state, which the stream then owns and advances. Exported for the reference test. */
export function randomFromState(state: Int32Array): Random {
  function nextUint32(): number {
    const s1 = state[1] as number;
    const result = Math.imul(rotateLeft(Math.imul(s1, 5), 7), 9) >>> 0;
    const s2 = (state[2] as number) ^ (state[0] as number);
    const s3 = (state[3] as number) ^ s1;
    state[1] = s1 ^ s2;
    state[0] = (state[0] as number) ^ s3;
    state[2] = s2 ^ (s1 << 9);
    state[3] = rotateLeft(s3, 11);
    return result;
  }
  return {
    nextUint32,
    nextFloat: () => nextUint32() / 4294967296,
    nextInt: (bound) => Math.floor((nextUint32() / 4294967296) * bound),
  };
}

function mix(value: number): number {
  let z = value;
  z = Math.imul(z ^ (z >>> 16), 0x85ebca6b);
  z = Math.imul(z ^ (z >>> 13), 0xc2b2ae35);
  return z ^ (z >>> 16);
}

function rotateLeft(value: number, bits: number): number {
  return (value << bits) | (value >>> (32 - bits));
}
