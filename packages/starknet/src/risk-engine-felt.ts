import { feltPrime } from "./felt.ts";

/** Inputs of the contract's `calculate_risk_score`; any felt, also outside the domain of `riskScore`. */
export interface FeltRiskMetrics {
  utilization: bigint;
  volatility: bigint;
  liquidity: bigint;
  audit_score: bigint;
  age_days: bigint;
}

/** The weights that the contract's owner can set. With the first two zero all are taken for unset, and the fixed ones apply. */
export interface FeltRiskParams {
  w_utilization: bigint;
  w_volatility: bigint;
  w_liquidity_0: bigint;
  w_liquidity_1: bigint;
  w_liquidity_2: bigint;
  w_liquidity_3: bigint;
  w_audit: bigint;
  w_age: bigint;
  age_cap_days: bigint;
  clamp_min: bigint;
  clamp_max: bigint;
}

/** The score's terms as felts. */
export interface FeltRiskComponents {
  utilization: bigint;
  volatility: bigint;
  liquidity: bigint;
  audit: bigint;
  age: bigint;
  total: bigint;
}

/** The weights of RiskEngine 2.2.0 when none were set. */
export const fixedRiskParams: FeltRiskParams = {
  w_utilization: 25n,
  w_volatility: 40n,
  w_liquidity_0: 0n,
  w_liquidity_1: 5n,
  w_liquidity_2: 15n,
  w_liquidity_3: 30n,
  w_audit: 3n,
  w_age: 10n,
  age_cap_days: 730n,
  clamp_min: 5n,
  clamp_max: 95n,
};

/**
 * The score exactly as the contract computes it in felt252 arithmetic: sums and products modulo the prime, unsigned
 * comparisons, quotients cut to their low 128 bits, 0 when dividing by 0. Slow; for checking what is on chain and for
 * inputs outside the domain. In the domain it equals `riskScore`.
 */
export function feltRiskScore(metrics: FeltRiskMetrics, params: FeltRiskParams = fixedRiskParams): bigint {
  const { clamp_min, clamp_max } = effectiveParams(params);
  const { total } = feltRiskComponents(metrics, params);
  if (total < clamp_min) return clamp_min;
  if (total > clamp_max) return clamp_max;
  return total;
}

/** The terms of {@link feltRiskScore}, before clamping. */
export function feltRiskComponents(
  metrics: FeltRiskMetrics,
  params: FeltRiskParams = fixedRiskParams,
): FeltRiskComponents {
  const weights = effectiveParams(params);
  const utilization = divide(multiply(metrics.utilization, weights.w_utilization), 10_000n);
  const volatility = divide(multiply(metrics.volatility, weights.w_volatility), 10_000n);
  const liquidity = liquidityTerm(felt(metrics.liquidity), weights);
  const audit = divide(multiply(100n - metrics.audit_score, weights.w_audit), 10n);
  const age = ageTerm(felt(metrics.age_days), weights);
  return {
    utilization,
    volatility,
    liquidity,
    audit,
    age,
    total: felt(utilization + volatility + liquidity + audit + age),
  };
}

/** The contract's split over three protocols, in felt252 arithmetic. Shares in basis points. */
export function feltAllocate3(
  risks: readonly [bigint, bigint, bigint],
  apysBp: readonly [bigint, bigint, bigint],
): [bigint, bigint, bigint] {
  const a = divide(multiply(apysBp[0], 10_000n), felt(risks[0] + 1n));
  const b = divide(multiply(apysBp[1], 10_000n), felt(risks[1] + 1n));
  const c = divide(multiply(apysBp[2], 10_000n), felt(risks[2] + 1n));
  const sum = felt(a + b + c);
  const shareA = divide(multiply(a, 10_000n), sum);
  const shareB = divide(multiply(b, 10_000n), sum);
  return [shareA, shareB, felt(10_000n - shareA - shareB)];
}

/** The contract's split over two protocols, in felt252 arithmetic. Shares in basis points. */
export function feltAllocate2(
  risks: readonly [bigint, bigint],
  apysBp: readonly [bigint, bigint],
): [bigint, bigint] {
  const a = divide(multiply(apysBp[0], 10_000n), felt(risks[0] + 1n));
  const b = divide(multiply(apysBp[1], 10_000n), felt(risks[1] + 1n));
  const shareA = divide(multiply(a, 10_000n), felt(a + b));
  return [shareA, felt(10_000n - shareA)];
}

/** The contract's check: largest share and diversification only. It does not look at the sum of the shares. */
export function feltVerifyConstraints(
  shares: readonly bigint[],
  limits: { max_single: bigint; min_diversification: bigint },
): boolean {
  const values = shares.map(felt);
  const diversified = BigInt(values.filter((share) => share >= 1_000n).length);
  return values.every((share) => share <= limits.max_single) && diversified >= limits.min_diversification;
}

/** The contract takes parameters for unset where the first two weights are zero, whatever the others are. */
function effectiveParams(params: FeltRiskParams): FeltRiskParams {
  return params.w_utilization === 0n && params.w_volatility === 0n ? fixedRiskParams : params;
}

function liquidityTerm(tier: bigint, weights: FeltRiskParams): bigint {
  if (tier === 0n) return weights.w_liquidity_0;
  if (tier === 1n) return weights.w_liquidity_1;
  return tier === 2n ? weights.w_liquidity_2 : weights.w_liquidity_3;
}

function ageTerm(age: bigint, weights: FeltRiskParams): bigint {
  if (age >= weights.age_cap_days) return 0n;
  return divide(multiply(weights.age_cap_days - age, weights.w_age), weights.age_cap_days);
}

function felt(value: bigint): bigint {
  const rest = value % feltPrime;
  return rest < 0n ? rest + feltPrime : rest;
}

function multiply(left: bigint, right: bigint): bigint {
  return felt(felt(left) * felt(right));
}

function divide(dividend: bigint, divisor: bigint): bigint {
  return divisor === 0n ? 0n : BigInt.asUintN(128, dividend / divisor);
}
