import type { RecipientRow, ToldThreshold } from "./recipients.queries.ts";

/** A figure of a protocol, as it was observed or is forecast. */
export interface Figure {
  readonly protocol: string;
  readonly value: number;
}

/** When a figure is news to somebody with a threshold. */
export interface ThresholdRule {
  /** Whether a value is on the side of the threshold that is told of. */
  readonly isBeyond: (value: number, threshold: number) => boolean;
  /** Whether it is so far on the other side that crossing the threshold is news again. */
  readonly isOver: (value: number, threshold: number) => boolean;
}

/** Risk scores, 0 to 100: above, until 5 points below. */
export const riskRule: ThresholdRule = {
  isBeyond: (value, threshold) => value > threshold,
  isOver: (value, threshold) => value <= Math.max(0, threshold - 5),
};

/** Probabilities of illiquidity, percent: above, until a fifth below. */
export const illiquidityRule: ThresholdRule = {
  isBeyond: (value, threshold) => value > threshold,
  isOver: (value, threshold) => value <= 0.8 * threshold,
};

/** Yields, percent: below, until a tenth above. */
export const yieldRule: ThresholdRule = {
  isBeyond: (value, threshold) => value < threshold,
  isOver: (value, threshold) => value >= 1.1 * threshold,
};

/** By what an alert rests on. */
export const thresholdRules: { readonly [basis in ToldThreshold["basis"]]: ThresholdRule } = {
  observed: riskRule,
  forecast: riskRule,
  yield: yieldRule,
  illiquidity: illiquidityRule,
};

/** What somebody's threshold makes of some figures. */
export interface ThresholdDecision<TFigure extends Figure> {
  /** Of which the owner is told. */
  readonly crossing: readonly TFigure[];
  /** What the owner was told of and is not so any more. */
  readonly over: readonly string[];
}

/**
 * Which of the figures have crossed a threshold since the owner was told last. Each crossing is told once, and the next one only after
 * the figure was well back: one that wavers about the threshold says nothing new. Whoever moves the threshold so that more is beyond
 * it is not told again of what was beyond the other one; whoever moves it the other way is, of what then crosses the new one.
 */
export function decideThreshold<TFigure extends Figure>(
  figures: readonly TFigure[],
  {
    rule,
    threshold,
    told,
  }: {
    readonly rule: ThresholdRule;
    readonly threshold: number;
    readonly told: readonly Omit<ToldThreshold, "basis">[];
  },
): ThresholdDecision<TFigure> {
  const toldBeyond = new Map(told.map((each) => [each.protocol, each.threshold]));
  const crossing = figures.filter(({ protocol, value }) => {
    const before = toldBeyond.get(protocol);
    return rule.isBeyond(value, threshold) && (before === undefined || rule.isBeyond(threshold, before));
  });
  const over = figures
    .filter(({ protocol, value }) => toldBeyond.has(protocol) && rule.isOver(value, threshold))
    .map(({ protocol }) => protocol);
  return { crossing, over };
}

/** The protocols that an owner holds or prefers. */
export function watchedBy({
  latest_allocation,
  preferred,
}: Pick<RecipientRow, "latest_allocation"> & { readonly preferred: readonly string[] }): ReadonlySet<string> {
  const held = Object.entries(latest_allocation?.allocation_bp ?? {}).filter(([, share]) => share > 0);
  return new Set([...held.map(([protocol]) => protocol), ...preferred]);
}
