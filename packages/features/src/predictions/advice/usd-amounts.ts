const wholeBp = 10_000n;

/** An amount of US dollars in cents. */
export function toCents(amount: string): bigint {
  const [dollars = "0", cents = ""] = amount.split(".");
  return BigInt(dollars) * 100n + BigInt(cents.padEnd(2, "0"));
}

/** Cents as responses write them, with a minus sign where there is one. */
export function fromCents(cents: bigint): string {
  const size = cents < 0n ? -cents : cents;
  return `${cents < 0n ? "-" : ""}${size / 100n}.${String(size % 100n).padStart(2, "0")}`;
}

/**
 * Shares of an amount in whole cents. Shares of the whole sum to the amount to the cent: cents that are lost by rounding down go to the
 * shares that lost most, the first of equals first.
 */
export function sharesInCents(cents: bigint, basisPoints: readonly number[]): bigint[] {
  const exact = basisPoints.map((share) => cents * BigInt(share));
  const shares = exact.map((share) => share / wholeBp);
  const total = exact.reduce((sum, share) => sum + share, 0n) / wholeBp;
  const missing = Number(total - shares.reduce((sum, share) => sum + share, 0n));
  const lostMost = [...exact.keys()].toSorted(
    (left, right) =>
      Number((exact[right] ?? 0n) % wholeBp) - Number((exact[left] ?? 0n) % wholeBp) || left - right,
  );
  for (const index of lostMost.slice(0, missing)) shares[index] = (shares[index] ?? 0n) + 1n;
  return shares;
}
