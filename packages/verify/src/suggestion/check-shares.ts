import type { MarketAdvice } from "@obsqra/ml/advice";
import { Mismatch } from "../check.ts";
import { differences } from "../differences.ts";
import { first } from "../record/aggregates.ts";
import type { Suggestion } from "./suggestion-receipt.ts";

type AdviceLine = MarketAdvice["lines"][number];

/** Under this name, answers show what is not allocated. */
const unallocatedName = "unallocated";
const wholeBp = 10_000;

/**
 * That what is shown to be held, market by market, by protocol and in US dollars, is the mix, each place once.
 *
 * @throws Mismatch that names what differs
 */
export function expectShares(suggestion: Suggestion, advice: MarketAdvice): void {
  const shares = listOf(suggestion.shares);
  const shown = shares.flatMap((share) =>
    listOf(share.markets).map((market) => ({ protocol: share.protocol, market })),
  );
  const places = new Map(advice.lines.map((line) => [placeName(line.protocol, line.market_id), line]));
  const wrong: string[] = [];
  const seen = new Set<string>();
  for (const { protocol, market } of shown) {
    const name = placeName(protocol, market.market_id);
    const line = places.get(name);
    if (seen.has(name)) wrong.push(`${name} is there twice`);
    else if (line === undefined) wrong.push(`${name} is no part of the mix`);
    else
      wrong.push(
        ...differing(market, lineAsShown(line, suggestion.amount)).map((each) => `${name}: ${each}`),
      );
    seen.add(name);
  }
  for (const name of places.keys()) if (!seen.has(name)) wrong.push(`${name} is not shown`);
  wrong.push(...wrongProtocols(shares, suggestion, advice));
  if (wrong.length > 0) throw new Mismatch(`It shows another mix than it commits to: ${first(wrong)}.`);
}

/** Fields of a market as they are shown. */
function lineAsShown(line: AdviceLine, amount: unknown): Suggestion {
  return {
    symbol: line.symbol,
    chain: line.chain,
    kind: line.kind,
    basis_points: line.basis_points,
    percent: line.basis_points / 100,
    current_percent: line.current_bp / 100,
    target_percent: line.target_bp / 100,
    amount: inDollars(amount, line.basis_points),
    change_amount: inDollars(amount, line.basis_points - line.current_bp),
    apy: line.apy?.value ?? null,
    apy_lower: line.apy?.lower ?? null,
    apy_upper: line.apy?.upper ?? null,
    apy_interval_level: line.apy?.level ?? null,
    apy_base: line.apy_base,
    apy_reward: line.apy_reward,
    impermanent_loss: line.impermanent_loss.apy,
    net_apy_at_zero: line.net_apy_at_zero,
    net_apy_at_amount: line.net_apy_at_amount,
    net_apy_at_target: line.net_apy_at_target,
    risk_score: line.risk_score,
    tvl_usd: line.tvl_usd,
    utilization: line.utilization,
  };
}

/** Of each protocol, and of what is unallocated, the sum of its places; the same in the short form. */
function wrongProtocols(
  shares: readonly Suggestion[],
  { allocation }: Suggestion,
  { lines, unallocated_bp }: MarketAdvice,
): string[] {
  const held = new Map<string, { bp: number; currentBp: number }>();
  for (const { protocol, basis_points, current_bp } of lines) {
    const { bp, currentBp } = held.get(protocol) ?? { bp: 0, currentBp: 0 };
    held.set(protocol, { bp: bp + basis_points, currentBp: currentBp + current_bp });
  }
  const currentBp = wholeBp - lines.reduce((sum, { current_bp }) => sum + current_bp, 0);
  held.set(unallocatedName, { bp: unallocated_bp, currentBp });
  const short = Object.fromEntries(
    [...held].flatMap(([protocol, { bp }]) => (bp > 0 ? [[protocol, bp / 100] as const] : [])),
  );
  return [
    ...shares.flatMap((share) => {
      const name = String(share.protocol);
      const { bp, currentBp: current } = held.get(name) ?? { bp: 0, currentBp: 0 };
      const expected = { basis_points: bp, percent: bp / 100, current_percent: current / 100 };
      return differing(share, expected).map((each) => `${name}: ${each}`);
    }),
    ...differing({ allocation }, { allocation: short }),
  ];
}

/** Fields of both that differ. Suggestions of earlier versions have not all of them. */
function differing(shown: Suggestion, expected: Suggestion): string[] {
  const names = Object.keys(expected).filter((name) => shown[name] !== undefined);
  const isAmount = (name: string) => name === "amount" || name === "change_amount";
  const pick = (from: Suggestion) =>
    Object.fromEntries(names.filter((name) => !isAmount(name)).map((name) => [name, from[name]]));
  const amounts = names.filter(
    // Cents that are left over go to one place or another.
    (name) => isAmount(name) && !(Math.abs(Number(shown[name]) - Number(expected[name])) < 0.02),
  );
  return [
    ...differences(pick(shown), pick(expected)),
    ...amounts.map(
      (name) => `${name} was ${String(shown[name])}, is about ${Number(expected[name]).toFixed(2)}`,
    ),
  ];
}

function inDollars(amount: unknown, basisPoints: number): number {
  return (Number(amount) * basisPoints) / wholeBp;
}

function listOf(value: unknown): Suggestion[] {
  return Array.isArray(value) ? value.map((item) => ({ ...Object(item) })) : [];
}

function placeName(protocol: unknown, marketId: unknown): string {
  return String(marketId ?? protocol);
}
