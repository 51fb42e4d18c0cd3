/**
 * Elementary functions that give the same bits wherever they run. The standard leaves the last bits of `Math.exp` and its like to each
 * engine, and what is published must come out the same for whoever computes it again. These use only what IEEE 754 defines exactly:
 * +, −, ×, ÷ and the bits of a number. The algorithms and their constants are those of fdlibm (Sun Microsystems, 1993: "Permission to use,
 * copy, modify, and distribute this software is freely granted, provided that this notice is preserved"); errors stay below 1 ulp.
 */

const ln2High = 0.6931471803691238;
const ln2Low = 1.9082149292705877e-10;

/** e to the power of `x`. */
export function exp(x: number): number {
  if (Number.isNaN(x)) return x;
  if (x > 709.782712893384) return Number.POSITIVE_INFINITY;
  if (x < -745.1332191019411) return 0;
  const size = Math.abs(x);
  if (size < 2 ** -28) return 1 + x;
  if (size <= halfLn2) return expOfRest(x, 0);
  const k = wholeLn2s(x);
  const high = x - k * ln2High;
  const low = k * ln2Low;
  return scaled(expOfRest(high, low), k);
}

/** e to the power of `x`, less 1; exact where `x` is small. */
export function expm1(x: number): number {
  if (Number.isNaN(x)) return x;
  if (x > 709.782712893384) return Number.POSITIVE_INFINITY;
  if (x < -56 * (ln2High + ln2Low)) return -1;
  const size = Math.abs(x);
  if (size < 2 ** -54) return x;
  const k = size <= halfLn2 ? 0 : wholeLn2s(x);
  const high = x - k * ln2High;
  const low = k * ln2Low;
  const rest = high - low;
  const correction = high - rest - low;
  const half = 0.5 * rest;
  const halfSquare = rest * half;
  const r =
    1 +
    halfSquare *
      (-0.03333333333333313 +
        halfSquare *
          (0.0015873015872548146 +
            halfSquare *
              (-0.0000793650757867488 +
                halfSquare * (0.000004008217827329362 + halfSquare * -2.0109921818362437e-7))));
  const t = 3 - r * half;
  const error = halfSquare * ((r - t) / (6 - rest * t));
  if (k === 0) return rest - (rest * error - halfSquare);
  const e = rest * (error - correction) - correction - halfSquare;
  if (k === -1) return 0.5 * (rest - e) - 0.5;
  if (k === 1) return rest < -0.25 ? -2 * (e - (rest + 0.5)) : 1 + 2 * (rest - e);
  if (k <= -2 || k > 56) return scaled(1 - (e - rest), k) - 1;
  if (k < 20) return scaled(1 - powerOfTwo(-k) - (e - rest), k);
  return scaled(rest - (e + powerOfTwo(-k)) + 1, k);
}

/** The natural logarithm of `x`; NaN below 0. */
export function log(x: number): number {
  if (!(x > 0)) return x === 0 ? Number.NEGATIVE_INFINITY : Number.NaN;
  if (x === Number.POSITIVE_INFINITY) return x;
  const isSubnormal = x < 2 ** -1022;
  const parts = splitNearOne(isSubnormal ? x * 2 ** 54 : x);
  return logOf(parts.k - (isSubnormal ? 54 : 0), parts.fraction - 1, 0);
}

/** The natural logarithm of 1 + `x`; exact where `x` is small, NaN below −1. */
export function log1p(x: number): number {
  if (!(x > -1)) return x === -1 ? Number.NEGATIVE_INFINITY : Number.NaN;
  if (x === Number.POSITIVE_INFINITY) return x;
  const size = Math.abs(x);
  if (size < 2 ** -54) return x;
  if (size < 2 ** -29) return x - x * x * 0.5;
  if (x > -0.2928932188134524 && x < 0.41421356237309503) return logOf(0, x, 0);
  const sum = 1 + x;
  const { k, fraction } = splitNearOne(sum);
  // What was lost of the smaller when 1 was added.
  const lost = x < 2 ** 53 ? (k > 0 ? 1 - (sum - x) : x - (sum - 1)) / sum : 0;
  return logOf(k, fraction - 1, lost);
}

/** `base`, which is above 0, to the power of `exponent`. Its error grows with the size of the logarithm of the result. */
export function power(base: number, exponent: number): number {
  return exp(exponent * log(base));
}

/** The square of `x`, rounded once. */
export function square(x: number): number {
  return x * x;
}

const halfLn2 = 0.34657359027997264;

/** How often ln 2 fits into `x`, to the nearest. */
function wholeLn2s(x: number): number {
  return Math.trunc(Math.LOG2E * x + (x < 0 ? -0.5 : 0.5));
}

/** e to the power of `high` − `low`, which is at most half of ln 2. */
function expOfRest(high: number, low: number): number {
  const rest = high - low;
  const t = rest * rest;
  const c =
    rest -
    t *
      (0.16666666666666602 +
        t *
          (-0.0027777777777015593 +
            t * (0.00006613756321437934 + t * (-0.0000016533902205465252 + t * 4.1381367970572385e-8))));
  return 1 - (low - (rest * c) / (2 - c) - high);
}

/** ln(2^k · (1 + `f`)) + `lost`, with 1 + `f` between √½ and √2. */
function logOf(k: number, f: number, lost: number): number {
  const halfSquare = 0.5 * f * f;
  const s = f / (2 + f);
  const z = s * s;
  const w = z * z;
  const even = w * (0.3999999999940942 + w * (0.22222198432149784 + w * 0.15313837699209373));
  const odd =
    z * (0.6666666666666735 + w * (0.2857142874366239 + w * (0.1818357216161805 + w * 0.14798198605116586)));
  const tail = s * (halfSquare + (even + odd));
  if (k === 0) return f - (halfSquare - tail);
  return k * ln2High - (halfSquare - (tail + (k * ln2Low + lost)) - f);
}

const scratch = new DataView(new ArrayBuffer(8));

/** `x`, which is normal and above 0, as 2^k · fraction, with the fraction between √½ and √2. */
function splitNearOne(x: number): { k: number; fraction: number } {
  scratch.setFloat64(0, x);
  const high = scratch.getUint32(0);
  const digits = high & 0xfffff;
  // From √2 on, the fraction is halved.
  const isLarge = digits >= 0x6a09e;
  scratch.setUint32(0, digits | (isLarge ? 0x3fe00000 : 0x3ff00000));
  return { k: (high >>> 20) - 1023 + (isLarge ? 1 : 0), fraction: scratch.getFloat64(0) };
}

/** 2^k for −1022 ≤ k ≤ 1023. */
function powerOfTwo(k: number): number {
  scratch.setUint32(0, (k + 1023) << 20);
  scratch.setUint32(4, 0);
  return scratch.getFloat64(0);
}

/** `x` · 2^k, for k from −1,100 to 1,024 and a result within range. */
function scaled(x: number, k: number): number {
  if (k > 1023) return x * 2 * powerOfTwo(k - 1);
  if (k >= -1021) return x * powerOfTwo(k);
  return x * powerOfTwo(k + 1000) * powerOfTwo(-1000);
}
