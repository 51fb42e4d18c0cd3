import { square } from "../deterministic-math.ts";
import type { AllocationCandidate, AllocationRequest, ExcludedProtocol } from "./allocation-types.ts";
import type { AllocationLimits } from "./limits.ts";
import { wholeBp } from "./limits.ts";
import { normalCdf, normalQuantile } from "./normal.ts";

/** A protocol as the model sees it: numbers only, no missing values. */
export interface Asset {
  readonly protocol: string;
  /** May receive or keep money. */
  readonly active: boolean;
  readonly exclusion: ExcludedProtocol["reason"] | undefined;
  readonly currentBp: number;
  /** Forecast APY, percent; 0 when not active. */
  readonly apy: number;
  /** Standard deviation of the forecast error, percentage points; 0 when not active. */
  readonly deviation: number;
  readonly risk: number;
  /** What the model pays for one whole portfolio in this asset: robust yield − risk_aversion · risk, in pp of APY. */
  readonly reward: number;
}

/**
 * Every candidate and every holding, sorted by name: the order of the request cannot matter after this.
 * A holding that may not stay counts as yielding nothing, because no forecast for it can be trusted; where its
 * risk is unknown it counts as 100.
 */
export function assetsOf(request: AllocationRequest): Asset[] {
  const current = new Map(Object.entries(request.current ?? {}));
  const known = new Set(request.candidates.map(({ protocol }) => protocol));
  const assets = request.candidates.map((candidate) =>
    assetOf(candidate, request.limits, current.get(candidate.protocol) ?? 0),
  );
  for (const [protocol, currentBp] of current) {
    if (known.has(protocol) || currentBp === 0) continue;
    assets.push(inactiveAsset(protocol, "not_a_candidate", { currentBp, risk: 100, limits: request.limits }));
  }
  return assets.sort((left, right) => (left.protocol < right.protocol ? -1 : 1));
}

/**
 * The yield the optimiser believes: `lower + trust · (forecast − lower)` with `trust = s² / (s² + σ²)`, where σ is
 * the forecast's standard deviation (half the interval divided by its normal quantile) and s the tolerance's
 * `uncertainty_scale`. This is the posterior mean of a normal forecast under a normal prior centred on the lower
 * bound (Gelman et al., Bayesian Data Analysis, 3rd ed., 2.5). A precise forecast is taken at its word; one of
 * 900 % ± 900 % is worth about its lower bound, whatever its centre.
 */
export function robustYield(candidate: AllocationCandidate, limits: AllocationLimits): number {
  const forecast = { value: candidate.expected_apy ?? 0, lower: candidate.expected_apy_lower ?? 0 };
  return believedYield(forecast, forecastDeviation(candidate), limits.uncertainty_scale);
}

/** The same of a forecast whose standard deviation is known. */
export function believedYield(
  { value, lower }: { readonly value: number; readonly lower: number },
  deviation: number,
  uncertaintyScale: number,
): number {
  // Written as a ratio so that squares of huge deviations cannot overflow.
  const trust = 1 / (1 + square(deviation / uncertaintyScale));
  return lower + trust * (value - lower);
}

/** Standard deviation of a forecast, percentage points, from its interval: (upper − lower) / (2 · z). */
export function forecastDeviation(candidate: AllocationCandidate): number {
  const width = (candidate.expected_apy_upper ?? 0) - (candidate.expected_apy_lower ?? 0);
  return width / (2 * normalQuantile((1 + candidate.interval_level) / 2));
}

/** Σ share · value, for shares in basis points of the whole: the portfolio's figure in the unit of the value. */
export function weighted(
  assets: readonly Asset[],
  shares: readonly number[],
  value: (asset: Asset) => number,
): number {
  return assets.reduce((sum, asset, index) => sum + (shares[index] ?? 0) * value(asset), 0) / wholeBp;
}

/** Value that enters a protocol, basis points of the portfolio: Σ max(0, share − current). */
export function turnoverOf(assets: readonly Asset[], shares: readonly number[]): number {
  return assets.reduce((sum, asset, index) => sum + Math.max(0, (shares[index] ?? 0) - asset.currentBp), 0);
}

/** Percentage points of APY lost per whole portfolio moved: cost_bp / 100 · 365 / holding_period_days. */
export function annualMoveCost(costs: AllocationRequest["costs"]): number {
  return ((costs.cost_bp / 100) * 365) / costs.holding_period_days;
}

/**
 * The model's objective: risk-adjusted robust yield net of costs, percentage points of APY. The optimiser
 * maximises exactly this over all permitted shares; `shares` follows the order of `assets`.
 */
export function objectiveOf(assets: readonly Asset[], shares: readonly number[], moveCost: number): number {
  return weighted(assets, shares, ({ reward }) => reward) - (moveCost * turnoverOf(assets, shares)) / wholeBp;
}

/**
 * Probability that the shares beat the current ones net of costs: Φ(mean / deviation) of
 * Σ Δshare · error + expected improvement, with independent normal forecast errors.
 */
export function beatProbability(
  assets: readonly Asset[],
  shares: readonly number[],
  expectedImprovement: number,
): number {
  const changes = assets.map(
    (asset, index) => (((shares[index] ?? 0) - asset.currentBp) / wholeBp) * asset.deviation,
  );
  const deviation = Math.sqrt(changes.reduce((sum, change) => sum + square(change), 0));
  if (deviation === 0) return expectedImprovement > 0 ? 1 : 0;
  return normalCdf(expectedImprovement / deviation);
}

function assetOf(candidate: AllocationCandidate, limits: AllocationLimits, currentBp: number): Asset {
  const risk = candidate.risk_score ?? 100;
  if (candidate.status !== "active") {
    return inactiveAsset(candidate.protocol, candidate.status, { currentBp, risk, limits });
  }
  return {
    protocol: candidate.protocol,
    active: true,
    exclusion: undefined,
    currentBp,
    apy: candidate.expected_apy ?? 0,
    deviation: forecastDeviation(candidate),
    risk,
    reward: robustYield(candidate, limits) - limits.risk_aversion * risk,
  };
}

function inactiveAsset(
  protocol: string,
  exclusion: ExcludedProtocol["reason"],
  { currentBp, risk, limits }: { currentBp: number; risk: number; limits: AllocationLimits },
): Asset {
  const reward = -limits.risk_aversion * risk;
  return { protocol, active: false, exclusion, currentBp, apy: 0, deviation: 0, risk, reward };
}
