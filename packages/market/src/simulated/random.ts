/** A deterministic stream of numbers. Not for secrets. */
export interface Random {
  /** Uniform in [0, 1). */
  uniform(): number;
  /** Standard normal. */
  normal(): number;
}

/**
 * Creates a stream that depends on the text alone: sfc32, seeded with four rounds of FNV-1a. Integer arithmetic
 * only, so it is the same on every machine.
 */
export function createRandom(seed: string): Random {
  let a = fnv1a(`${seed}#0`);
  let b = fnv1a(`${seed}#1`);
  let c = fnv1a(`${seed}#2`);
  let counter = 1;

  function uniform(): number {
    const sum = (((a + b) | 0) + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (((c << 21) | (c >>> 11)) + sum) | 0;
    return (sum >>> 0) / 4_294_967_296;
  }

  for (let round = 0; round < 16; round += 1) {
    uniform();
  }

  return {
    uniform,
    normal() {
      // Box–Muller; 1 − u keeps the logarithm away from zero.
      return Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform());
    },
  };
}

function fnv1a(text: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  }
  return hash | 0;
}
