/** Figures of a forecast that are in the unit of what is forecast. */
const measured: ReadonlySet<string> = new Set([
  "value",
  "current_value",
  "baseline_value",
  "lower",
  "upper",
  "confidence_tolerance",
]);
const probabilities: ReadonlySet<string> = new Set([
  "confidence",
  "interval_level",
  "level",
  "illiquidity_probability",
  "apy_interval_level",
]);

/**
 * A field of an entry as a service answers it: entries have all digits, answers those that people read. Scores have one decimal, yields two,
 * probabilities three, and one that is not certain is not answered as 0 or 1.
 */
export function asAnswered(kind: unknown, name: string, value: unknown): unknown {
  if (Array.isArray(value)) return value.map((item) => asAnswered(kind, name, item));
  if (typeof value === "object" && value !== null) {
    return Object.fromEntries(
      Object.entries(value).map(([field, each]) => [field, asAnswered(kind, field, each)]),
    );
  }
  if (typeof value !== "number") return value;
  if (measured.has(name)) return rounded(value, kind === "risk" ? 1 : 2);
  return probabilities.has(name) ? roundedProbability(value) : value;
}

/** Figures of a suggestion that have other decimals than two. */
const suggestionDecimals: Readonly<Record<string, number>> = {
  risk_score: 1,
  portfolio_risk: 1,
  break_even_days: 1,
  shadow_price: 4,
  optimality_gap: 4,
  utilization: 4,
};

/** The same of a suggestion. */
export function suggestionAsAnswered(name: string, value: unknown): unknown {
  if (Array.isArray(value)) return value.map((item) => suggestionAsAnswered(name, item));
  if (typeof value === "object" && value !== null) {
    return Object.fromEntries(
      Object.entries(value).map(([field, each]) => [field, suggestionAsAnswered(field, each)]),
    );
  }
  if (typeof value !== "number") return value;
  if (probabilities.has(name)) return roundedProbability(value);
  return rounded(value, suggestionDecimals[name] ?? 2);
}

function roundedProbability(value: number): number {
  if (value === 0 || value === 1) return value;
  return Math.min(Math.max(rounded(value, 3), 0.001), 0.999);
}

function rounded(value: number, decimals: number): number {
  const scale = 10 ** decimals;
  // Adding nothing turns −0 into 0.
  return Math.round(value * scale) / scale + 0;
}
