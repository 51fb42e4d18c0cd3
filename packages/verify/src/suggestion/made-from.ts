import type { HeldShare, OwnQuestion } from "@obsqra/ml/advice";
import { expectThat } from "../check.ts";
import type { Suggestion } from "./suggestion-receipt.ts";

/** What a suggestion was made from, as it says itself. */
export interface SuggestionMadeFrom {
  readonly revision: number;
  readonly basis_sha256: string;
  readonly basis_published: boolean;
  readonly import_id: string;
  readonly question: OwnQuestion;
  readonly model_versions: Readonly<Record<string, unknown>>;
}

/**
 * Reads it from the suggestion.
 *
 * @returns undefined where it is of a version that did not say so
 * @throws Mismatch when it says something else
 */
export function suggestionMadeFrom(suggestion: Suggestion): SuggestionMadeFrom | undefined {
  const { made_from, costs, amount, risk_tolerance, model_versions } = suggestion;
  if ((made_from ?? null) === null) return undefined;
  const madeFrom = Object(made_from) as Readonly<Record<string, unknown>>;
  const { revision, basis_sha256, basis_published, import_id, held, wishes, rebalance_threshold_bp } =
    madeFrom;
  // Suggestions from before gas was read have none.
  const { gas = [] } = madeFrom;
  const horizonDays: unknown = Object(costs).horizon_days;
  expectThat(
    typeof revision === "number" &&
      typeof basis_sha256 === "string" &&
      typeof basis_published === "boolean" &&
      typeof import_id === "string" &&
      Array.isArray(held) &&
      Array.isArray(gas) &&
      gas.every(isChainGas) &&
      typeof rebalance_threshold_bp === "number" &&
      typeof horizonDays === "number" &&
      typeof amount === "string" &&
      (risk_tolerance === "low" || risk_tolerance === "medium" || risk_tolerance === "high"),
    "The suggestion says not what it was made from.",
  );
  return {
    revision,
    basis_sha256,
    basis_published,
    import_id,
    question: {
      // The adviser refuses what is malformed.
      held: held as HeldShare[],
      wishes: { ...Object(wishes) },
      tolerance: risk_tolerance,
      amount_usd: Number(amount),
      holding_period_days: horizonDays,
      rebalance_threshold_bp,
      gas: gas.map(({ chain, usd }) => ({ chain, usd: Number(usd) })),
    },
    model_versions: { ...Object(model_versions) },
  };
}

/** What a move costs on a chain; in US dollars as text, of which no digit is rounded off. */
function isChainGas(value: unknown): value is { readonly chain: string; readonly usd: string } {
  const { chain, usd }: { chain?: unknown; usd?: unknown } = Object(value);
  return typeof chain === "string" && typeof usd === "string";
}
