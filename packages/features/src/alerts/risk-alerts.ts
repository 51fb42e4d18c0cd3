import type { RecipientRow, ToldRisk } from "./recipients.queries.ts";

/** A protocol's risk, as it was observed or is forecast. */
export interface RiskFigure {
  readonly protocol: string;
  /** 0 to 100. */
  readonly risk_score: number;
}

/** Points that a score has to be below a threshold before its next rise above it is news. */
const hysteresis = 5;

/** What somebody's threshold makes of some figures. */
export interface RiskDecision<TFigure extends RiskFigure> {
  /** Of which the owner is told. */
  readonly rising: readonly TFigure[];
  /** What the owner was told of and is not so any more. */
  readonly fallen: readonly string[];
}

/**
 * Which of the figures have risen above a threshold since the owner was told last. Each rise is told once, and the next one only after
 * the score was 5 points below: a score that wavers about the threshold says nothing new. Whoever lowers the threshold
 * is not told again of what was above the higher one; whoever raises it is, of what then rises above the new one.
 */
export function decideRisk<TFigure extends RiskFigure>(
  figures: readonly TFigure[],
  { threshold, told }: { readonly threshold: number; readonly told: readonly Omit<ToldRisk, "basis">[] },
): RiskDecision<TFigure> {
  const toldAbove = new Map(told.map((risk) => [risk.protocol, risk.threshold]));
  const rising = figures.filter(
    ({ protocol, risk_score }) => risk_score > threshold && (toldAbove.get(protocol) ?? -1) < threshold,
  );
  const fallen = figures
    .filter(
      ({ protocol, risk_score }) =>
        toldAbove.has(protocol) && risk_score <= Math.max(0, threshold - hysteresis),
    )
    .map(({ protocol }) => protocol);
  return { rising, fallen };
}

/** The protocols that an owner holds or prefers. */
export function watchedBy({
  latest_allocation,
  preferred,
}: Pick<RecipientRow, "latest_allocation"> & { readonly preferred: readonly string[] }): ReadonlySet<string> {
  const held = Object.entries(latest_allocation?.allocation_bp ?? {}).filter(([, share]) => share > 0);
  return new Set([...held.map(([protocol]) => protocol), ...preferred]);
}
