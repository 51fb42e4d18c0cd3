import {
  type AdviceBasis,
  type AdviceRequest,
  adviceRequest,
  adviceRevision,
  adviceRevisionMin,
  createAdviser,
  gasSourceOf,
  type MarketAdvice,
  readAdviceBasis,
} from "@obsqra/ml/advice";
import { expectThat, type Finding, passed } from "../check.ts";
import { differences } from "../differences.ts";
import { readArtefact } from "../execution/read-artefacts.ts";
import { first } from "../record/aggregates.ts";
import type { Fetch } from "../verify-options.ts";
import { expectShares } from "./check-shares.ts";
import type { SuggestionMadeFrom } from "./made-from.ts";
import type { Suggestion } from "./suggestion-receipt.ts";

export { adviceRevision, adviceRevisionMin };

/** Reads what a suggestion rests on, and compares it with its hash. @throws Mismatch, UnreadableError, AdviceError */
export async function readBasis(
  { basis_sha256 }: SuggestionMadeFrom,
  place: { readonly url: string; readonly fetch: Fetch },
): Promise<AdviceBasis> {
  return readAdviceBasis(new TextDecoder().decode(await readArtefact(basis_sha256, place)));
}

/** Solves the programme of a suggestion again. @throws AdviceError */
export async function adviseAgain(
  { question }: SuggestionMadeFrom,
  basis: AdviceBasis,
): Promise<MarketAdvice> {
  const adviser = await createAdviser();
  return adviser.advise(adviceRequest(basis, question));
}

/** That what is to be held is the best mix, market by market. */
export function checkOptimum(suggestion: Suggestion, advice: MarketAdvice): Finding {
  const [given, best] = [sharesIn(suggestion), bestShares(advice)];
  const names = [...new Set([...given.keys(), ...best.keys()])];
  const wrong = names.flatMap((name) => {
    const [had, has] = [given.get(name) ?? none, best.get(name) ?? none];
    if (had.basis_points === has.basis_points && had.target_bp === has.target_bp) return [];
    return [
      `${name} has ${had.target_bp / 100} %${had.basis_points === had.target_bp ? "" : ` (advised ${had.basis_points / 100} %)`}, and the best mix has ${has.target_bp / 100} %`,
    ];
  });
  expectThat(
    wrong.length === 0 && suggestion.outcome === advice.outcome,
    `It is not the best mix by what it was made from: ${suggestion.outcome === advice.outcome ? "" : `${String(suggestion.outcome)} was advised, and the advice is ${advice.outcome}; `}${first(wrong)}.`,
  );
  const gap = advice.optimality_gap;
  return passed(
    `Solved again, the best mix is the one of the suggestion, in ${best.size} places; no other is better by more than ${gap > 0 ? gap.toFixed(4) : "0.01"} percentage points of risk-adjusted APY.`,
  );
}

/** That what it promises of the mix is what follows. */
export function checkFigures(
  suggestion: Suggestion,
  advice: MarketAdvice,
  { markets, gas }: Pick<AdviceRequest, "markets" | "gas">,
): Finding {
  const holds = advice.outcome === "hold";
  const expected: Suggestion = {
    forced: advice.forced_moves.length > 0,
    reason: advice.reason,
    expected_improvement: advice.expected_improvement,
    expected_apy_after: advice.expected_apy_after,
    ...(suggestion.expected_apy_before !== null && { expected_apy_before: advice.expected_apy_before }),
    portfolio_risk: holds ? advice.portfolio_risk_before : advice.portfolio_risk_after,
    turnover_percent: holds ? 0 : advice.turnover_bp / 100,
    confidence: advice.confidence,
    improvement_interval: advice.improvement_interval,
    unallocated_reason: advice.unallocated_reason,
    warnings: advice.warnings,
    optimality_gap: advice.optimality_gap,
  };
  const costs: Suggestion = {
    gas: advice.gas_usd.toFixed(2),
    exchange: advice.swap_usd.toFixed(2),
    annual: advice.annual_cost,
    break_even_days: advice.break_even_days,
    // Not in suggestions from before gas was read.
    ...("gas_source" in Object(suggestion.costs) && {
      gas_source: gasSourceOf(advice, { markets, gas }).source,
    }),
  };
  const pick = (from: unknown, names: Suggestion) =>
    Object.fromEntries(Object.keys(names).map((name) => [name, Object(from)[name]]));
  const differing = [
    ...differences(pick(suggestion, expected), expected),
    ...differences(pick(suggestion.costs, costs), costs),
  ];
  expectThat(differing.length === 0, `It promises other figures than follow: ${differing.join(", ")}.`);
  expectShares(suggestion, advice);
  const count = Object.keys(expected).length + Object.keys(costs).length;
  return passed(`${count} figures and sentences of it follow from the mix, to the last bit.`);
}

interface Share {
  readonly basis_points: number;
  /** Of the best mix, also where the advice is to hold. */
  readonly target_bp: number;
}

const none: Share = { basis_points: 0, target_bp: 0 };

/** By place: a market, or a protocol as a whole. */
function sharesIn({ shares }: Suggestion): Map<string, Share> {
  const found = new Map<string, Share>();
  for (const share of Array.isArray(shares) ? shares : []) {
    const { protocol, markets } = Object(share) as Suggestion;
    for (const market of Array.isArray(markets) ? markets : []) {
      const { market_id, basis_points, target_percent } = Object(market) as Suggestion;
      const target_bp = Math.round(Number(target_percent) * 100);
      found.set(placeName(protocol, market_id), { basis_points: Number(basis_points), target_bp });
    }
  }
  return found;
}

function bestShares({ lines }: MarketAdvice): Map<string, Share> {
  return new Map(
    lines.map(({ protocol, market_id, basis_points, target_bp }) => [
      placeName(protocol, market_id),
      { basis_points, target_bp },
    ]),
  );
}

function placeName(protocol: unknown, marketId: unknown): string {
  return String(marketId ?? protocol);
}
