import type { DescribedMarket, MarketKind, MarketObservation } from "./market-source.ts";
import { findProtocol } from "./protocol-registry.ts";
import { isPossibleUtilization } from "./quality.ts";

/** What the rows of a market show of what kind it is. Counted over all of them, whatever their order. */
export interface KindEvidence {
  /** Rows with something borrowed, or a rate that borrowers pay. Zero may stand for what is not known. */
  borrowedRows: number;
  /** Rows that say whether the market is frozen, which reserves are and pools are not. */
  frozenStatedRows: number;
}

/** Before any row. */
export function noKindEvidence(): KindEvidence {
  return { borrowedRows: 0, frozenStatedRows: 0 };
}

/** Counts a row. */
export function addKindEvidence(
  evidence: KindEvidence,
  { apy_base_borrow, utilization, frozen }: MarketObservation,
): void {
  const isUsed = utilization !== null && utilization > 0 && isPossibleUtilization(utilization);
  const hasRate = apy_base_borrow !== null && Number.isFinite(apy_base_borrow) && apy_base_borrow > 0;
  if (isUsed || hasRate) evidence.borrowedRows += 1;
  if (frozen !== null) evidence.frozenStatedRows += 1;
}

/**
 * So many rows with something borrowed outweigh that a market looks like a pool: a market is scored from as many days on. Fewer
 * may be a slip, and then nothing is certain.
 */
export const borrowedRowsMin = 7;

/**
 * What kind a market is, by the first of these that tells:
 *
 * 1. something is borrowed from it: lending. Where the source says it is a pool, or it has several assets, only with
 *    seven such rows or more; with fewer the two contradict each other, and the kind is unknown;
 * 2. the source says it: a category, a pool of several assets, a borrow side;
 * 3. several assets in its name: a DEX pool;
 * 4. the curated registry, for its protocols;
 * 5. its rows say whether it is frozen: lending.
 *
 * Otherwise unknown: one asset alone can be lent, staked or kept in a vault.
 */
export function marketKindOf(market: DescribedMarket, evidence: KindEvidence): MarketKind {
  const looksLikePool = market.kind === "dex" || (market.kind === undefined && hasSeveralAssets(market));
  if (evidence.borrowedRows > 0) {
    return !looksLikePool || evidence.borrowedRows >= borrowedRowsMin ? "lending" : "unknown";
  }
  if (market.kind !== undefined) return market.kind;
  if (looksLikePool) return "dex";
  return findProtocol(market.protocol)?.kind ?? (evidence.frozenStatedRows > 0 ? "lending" : "unknown");
}

/** The kind that one word of a source says, such as DefiLlama's categories; undefined for all others, which leave it open. */
export function kindOfCategory(category: string): MarketKind | undefined {
  if (category === "") return undefined;
  return kindsOfCategories.get(
    category
      .toLowerCase()
      .replaceAll(/[^a-z]+/g, " ")
      .trim(),
  );
}

/** DefiLlama's names and how others write them: https://defillama.com/categories */
const kindsOfCategories: ReadonlyMap<string, MarketKind> = new Map([
  ["lending", "lending"],
  ["uncollateralized lending", "lending"],
  ["nft lending", "lending"],
  ["dexs", "dex"],
  ["dexes", "dex"],
  ["dex", "dex"],
  ["amm", "dex"],
]);

/** Whether DefiLlama's `exposure` says that there is one asset, or several; undefined when it says nothing. */
export function exposureOf(text: string | null | undefined): "single" | "multi" | undefined {
  const word = text?.trim().toLowerCase();
  return word === "single" || word === "multi" ? word : undefined;
}

/** Whether a market is of two or more assets: as its source says, or as its symbol names them. */
export function hasSeveralAssets({
  exposure,
  symbol,
}: Pick<DescribedMarket, "exposure" | "symbol">): boolean {
  if (exposure !== undefined) return exposure === "multi";
  const [first = "", ...others] = symbol.split(/[-/]/);
  // A token that stands for a share of another one until a day has that day in its name: PT-SUSDE-29MAY2025.
  if (wrappers.test(first)) return false;
  return first.trim() !== "" && others.some((part) => isAssetName(part.trim()));
}

const wrappers = /^(pt|yt|sy|lp)$/i;

/** Not the fee, version, number or day that may come after an asset. Tokens are named `1$` and `4`, but seldom come last. */
function isAssetName(part: string): boolean {
  return part !== "" && !/^(v?\d+|\d+([.,]\d+)?%|\d{1,2}[a-z]{3}\d{2,4})$/i.test(part);
}
