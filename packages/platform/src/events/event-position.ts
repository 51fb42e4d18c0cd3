import type { EventPosition } from "./event.ts";

/** A position as callers see it, and send it back: `<transaction>-<sequence>`. */
export function printPosition({ transaction_id, sequence }: EventPosition): string {
  return `${transaction_id}-${sequence}`;
}

/** Reads what `printPosition` prints; its form has been checked by the contract. */
export function parsePosition(text: string): EventPosition {
  const [transaction_id = "", sequence = ""] = text.split("-");
  return { transaction_id, sequence };
}

/** @returns below 0 when the first comes earlier, above 0 when it comes later */
export function comparePositions(left: EventPosition, right: EventPosition): number {
  return (
    compareNumerals(left.transaction_id, right.transaction_id) ||
    compareNumerals(left.sequence, right.sequence)
  );
}

/** Of whole numbers in decimal, which may not fit into a double. */
function compareNumerals(left: string, right: string): number {
  const [a, b] = [BigInt(left), BigInt(right)];
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
