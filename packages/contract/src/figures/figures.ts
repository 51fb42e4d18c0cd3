import { z } from "zod";

/**
 * The one rule of how figures are rounded where they leave the service: by what they are. Inside, in receipts and in whatever is hashed
 * they have all their digits.
 */
export const figureRules = {
  apy: { unit: "percent a year", decimals: 2 },
  apyPoints: { unit: "percentage points of APY", decimals: 2 },
  score: { unit: "points of the RiskEngine score", decimals: 1 },
  /** What is not certain is not shown as 0 or 1. */
  probability: { unit: "probability, 0 to 1", decimals: 3 },
  /** A counted share of cases, or what was stated of them on average. */
  frequency: { unit: "share of the cases, 0 to 1", decimals: 3 },
  weight: { unit: "weight, 0 to 1", decimals: 3 },
  share: { unit: "percent of the portfolio", decimals: 2 },
  usd: { unit: "US dollars", decimals: 2 },
  /** To the basis point, as the RiskEngine counts it. */
  utilization: { unit: "borrowed over supplied, 0 to 1", decimals: 4 },
  /** Errors are compared with each other, and are smaller than what they are errors of. */
  error: { unit: "score points of risk, percentage points of APY of yield", decimals: 3 },
  /** What a unit more of something is worth is small beside an APY. */
  marginalApy: { unit: "percentage points of risk-adjusted APY", decimals: 4 },
  basisPoints: { unit: "basis points", decimals: 2 },
  days: { unit: "days", decimals: 1 },
} as const satisfies Record<string, { readonly unit: string; readonly decimals: number }>;
export type FigureKind = keyof typeof figureRules;

/** What a schema of a number says beside its type, in the OpenAPI document, too. */
export interface FigureMeta {
  /** What it is counted in. */
  readonly "x-unit"?: string;
  /** By which rule it is rounded in responses. */
  readonly "x-figure"?: FigureKind;
  /** To how many decimals that is. */
  readonly "x-decimals"?: number;
  /** Why it is not rounded. */
  readonly "x-exact"?: string;
}

/** A figure that people read: rounded by the rule of its kind. */
export function figure(kind: FigureKind) {
  const { unit, decimals } = figureRules[kind];
  return z.number().meta({ "x-unit": unit, "x-figure": kind, "x-decimals": decimals });
}

/** A whole number, with what it counts. */
export function whole(unit: string) {
  return z.int().meta({ "x-unit": unit });
}

/** A number that keeps all its digits, and why. */
export function exact(unit: string, reason: string) {
  return z.number().meta({ "x-unit": unit, "x-exact": reason });
}
