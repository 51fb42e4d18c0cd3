// Casts of typed-array reads are safe: both arrays have `pointCount` entries.

/** Points in (0, 1) and their weights, which add up to 1. */
export interface Quadrature {
  readonly points: Float64Array;
  readonly weights: Float64Array;
}

/**
 * Gauss-Legendre quadrature on [0, 1]: the weighted sum of a polynomial's values at the points is its integral, exactly
 * for every degree up to 2 · pointCount − 1 (Abramowitz and Stegun, "Handbook of Mathematical Functions", 25.4.30). The
 * points are the roots of the Legendre polynomial, found by Newton's method.
 */
export function gaussLegendre(pointCount: number): Quadrature {
  const points = new Float64Array(pointCount);
  const weights = new Float64Array(pointCount);
  for (let k = 0; k < pointCount; k++) {
    // The start is close enough for a fixed number of steps: each doubles the correct digits.
    let root = cosine((Math.PI * (k + 0.75)) / (pointCount + 0.5));
    let slope = 0;
    for (let step = 0; step < 6; step++) {
      const [value, previous] = legendre(pointCount, root);
      slope = (pointCount * (root * value - previous)) / (root * root - 1);
      root -= value / slope;
    }
    points[k] = (1 - root) / 2;
    weights[k] = 1 / ((1 - root * root) * slope * slope);
  }
  return { points, weights };
}

/**
 * The cosine of an angle from 0 to π by its power series: close enough for a start, and the same on every engine, which `Math.cos` need
 * not be.
 */
function cosine(angle: number): number {
  let term = 1;
  let sum = 1;
  for (let k = 1; k <= 14; k++) {
    term *= -(angle * angle) / ((2 * k - 1) * (2 * k));
    sum += term;
  }
  return sum;
}

/** The Legendre polynomials of degree `degree` and `degree` − 1 at x, by their three-term recurrence. */
function legendre(degree: number, x: number): [number, number] {
  let previous = 0;
  let value = 1;
  for (let n = 1; n <= degree; n++) {
    const next = ((2 * n - 1) * x * value - (n - 1) * previous) / n;
    previous = value;
    value = next;
  }
  return [value, previous];
}
