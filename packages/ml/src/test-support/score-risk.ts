import type { RiskMetrics } from "../risk/risk-metrics.ts";

/** The RiskEngine's formula in plain numbers. Test code only: the real one is in `@obsqra/starknet`. */
export function scoreRisk(metrics: RiskMetrics): number {
  const { utilization_bp, volatility_bp, liquidity_tier, audit_score, age_days } = metrics;
  const score =
    Math.floor((25 * utilization_bp) / 10_000) +
    Math.floor((40 * volatility_bp) / 10_000) +
    ([0, 5, 15, 30][liquidity_tier] ?? 30) +
    Math.floor((3 * (100 - audit_score)) / 10) +
    (age_days >= 730 ? 0 : Math.floor((10 * (730 - age_days)) / 730));
  return Math.min(95, Math.max(5, score));
}
