import { StarknetError } from "./errors.ts";

/** Metrics of one protocol, in the integers that the RiskEngine contract takes. */
export interface RiskMetrics {
  /** Borrowed over supplied, basis points, 0..10,000. */
  utilization_bp: number;
  /** Volatility, basis points, 0..10,000. */
  volatility_bp: number;
  /** 0 is the most liquid, 3 the least. */
  liquidity_tier: number;
  /** 0..100, 100 is best. */
  audit_score: number;
  /** Days since launch, 0 or more. */
  age_days: number;
}

/** What each metric adds to the score, each floored on its own; `total` is their sum before clamping. */
export interface RiskComponents {
  utilization: number;
  volatility: number;
  liquidity: number;
  audit: number;
  age: number;
  total: number;
}

/** One candidate of an allocation: its risk score (0..100) and its APY in basis points (0..1,000,000). */
export interface RiskReturn {
  risk_score: number;
  apy_bp: number;
}

/** Limits on an allocation: the largest single share in basis points, and how many shares must reach 1,000 bp. */
export interface AllocationLimits {
  max_single_bp: number;
  min_diversification: number;
}

/** Which rule of {@link verifyConstraints} an allocation breaks. */
export type ConstraintViolation = "sum" | "max_single" | "min_diversification";

/** The contract version whose arithmetic this file reproduces. */
export const riskEngineVersion = "2.2.0";

/** A share counts towards diversification from 1,000 basis points (10 %). */
export const diversificationShareBp = 1_000;

/** The largest APY accepted, 10,000 %: keeps every intermediate product below 2^53. */
export const apyBpMax = 1_000_000;

/**
 * The risk score of RiskEngine 2.2.0: an integer from 5 (safest) to 95, equal to the contract's result to the unit.
 *
 * @throws StarknetError `OUT_OF_DOMAIN` naming the metric; `feltRiskScore` shows what the contract would return.
 * @example riskScore({ utilization_bp: 6500, volatility_bp: 3500, liquidity_tier: 1, audit_score: 98, age_days: 800 }) // 35
 */
export function riskScore(metrics: RiskMetrics): number {
  return Math.min(95, Math.max(5, riskComponents(metrics).total));
}

/**
 * The terms of {@link riskScore}, so that a response can say where a score comes from.
 *
 * @throws StarknetError `OUT_OF_DOMAIN`, as {@link riskScore}.
 */
export function riskComponents(metrics: RiskMetrics): RiskComponents {
  assertInteger("utilization_bp", metrics.utilization_bp, 10_000);
  assertInteger("volatility_bp", metrics.volatility_bp, 10_000);
  assertInteger("liquidity_tier", metrics.liquidity_tier, 3);
  assertInteger("audit_score", metrics.audit_score, 100);
  assertInteger("age_days", metrics.age_days, Number.MAX_SAFE_INTEGER);
  const utilization = divide(25 * metrics.utilization_bp, 10_000);
  const volatility = divide(40 * metrics.volatility_bp, 10_000);
  const liquidity = [0, 5, 15, 30][metrics.liquidity_tier] ?? 30;
  const audit = divide(3 * (100 - metrics.audit_score), 10);
  const age = metrics.age_days >= 730 ? 0 : divide(10 * (730 - metrics.age_days), 730);
  const total = utilization + volatility + liquidity + audit + age;
  return { utilization, volatility, liquidity, audit, age, total };
}

/**
 * The contract's split of 10,000 basis points over three candidates in proportion to apy / (risk + 1). The first two
 * shares are floored and the third takes the rest, so the order matters; when every APY is 0 the third takes all.
 *
 * @throws StarknetError `OUT_OF_DOMAIN` naming the candidate's field.
 */
export function allocate3(
  candidates: readonly [RiskReturn, RiskReturn, RiskReturn],
): [number, number, number] {
  const [first, second, third] = candidates;
  const a = attractiveness(first);
  const b = attractiveness(second);
  const sum = a + b + attractiveness(third);
  const shareA = divide(a * 10_000, sum);
  const shareB = divide(b * 10_000, sum);
  return [shareA, shareB, 10_000 - shareA - shareB];
}

/** As {@link allocate3} for two candidates: the first share is floored, the second takes the rest. */
export function allocate2(candidates: readonly [RiskReturn, RiskReturn]): [number, number] {
  const [first, second] = candidates;
  const a = attractiveness(first);
  const shareA = divide(a * 10_000, a + attractiveness(second));
  return [shareA, 10_000 - shareA];
}

/**
 * True when an allocation in basis points is acceptable: the shares sum to 10,000, none is above `max_single_bp`, and
 * at least `min_diversification` of them reach 1,000. The contract does not check the sum; we do.
 *
 * @throws StarknetError `OUT_OF_DOMAIN` when a share or a limit is not an integer in its range.
 */
export function verifyConstraints(sharesBp: readonly number[], limits: AllocationLimits): boolean {
  return constraintViolations(sharesBp, limits).length === 0;
}

/** The rules that {@link verifyConstraints} finds broken, for telling a user which; empty when all hold. */
export function constraintViolations(
  sharesBp: readonly number[],
  limits: AllocationLimits,
): ConstraintViolation[] {
  for (const [index, share] of sharesBp.entries()) assertInteger(`shares_bp[${index}]`, share, 10_000);
  assertInteger("max_single_bp", limits.max_single_bp, 10_000);
  assertInteger("min_diversification", limits.min_diversification, Number.MAX_SAFE_INTEGER);
  const violations: ConstraintViolation[] = [];
  if (sharesBp.reduce((sum, share) => sum + share, 0) !== 10_000) violations.push("sum");
  if (sharesBp.some((share) => share > limits.max_single_bp)) violations.push("max_single");
  const diversified = sharesBp.filter((share) => share >= diversificationShareBp).length;
  if (diversified < limits.min_diversification) violations.push("min_diversification");
  return violations;
}

function attractiveness({ risk_score, apy_bp }: RiskReturn): number {
  assertInteger("risk_score", risk_score, 100);
  assertInteger("apy_bp", apy_bp, apyBpMax);
  return divide(apy_bp * 10_000, risk_score + 1);
}

/** Floor division of non-negative integers below 2^53, exact; 0 when dividing by 0, as the contract does. */
function divide(dividend: number, divisor: number): number {
  return divisor === 0 ? 0 : (dividend - (dividend % divisor)) / divisor;
}

function assertInteger(field: string, value: number, max: number): void {
  if (Number.isSafeInteger(value) && value >= 0 && value <= max) return;
  const range = max === Number.MAX_SAFE_INTEGER ? "of 0 or more" : `from 0 to ${max}`;
  throw new StarknetError("OUT_OF_DOMAIN", `${field} must be an integer ${range}; it is ${value}.`);
}
