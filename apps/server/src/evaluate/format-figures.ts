/** Four digits that count; "-" for what is not a number. */
export function toFigure(value: number | null): string {
  if (value === null || !Number.isFinite(value)) return "-";
  return Math.abs(value) >= 1000 ? value.toFixed(0) : value.toPrecision(4);
}

/** A share as a percentage; "-" for what is not a number. */
export function toPercent(share: number | null): string {
  return share === null || !Number.isFinite(share) ? "-" : `${(100 * share).toFixed(1)} %`;
}

/** How much larger or smaller a value is than its reference, as a percentage with its sign. */
export function toChange(value: number, reference: number): string {
  if (!(reference > 0)) return "-";
  const percent = 100 * (value / reference - 1);
  return `${percent > 0 ? "+" : ""}${percent.toFixed(1)} %`;
}
