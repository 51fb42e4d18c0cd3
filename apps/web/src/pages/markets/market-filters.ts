import type { Market } from "@obsqra/client";

/** By what the table can be sorted. */
const sortColumns = ["market", "apy", "expected", "risk", "tvl", "utilization"] as const;
export type SortColumn = (typeof sortColumns)[number];

/** What of the markets is shown, as the address has it: a link shows the same to somebody else. */
export interface MarketView {
  readonly q?: string;
  readonly asset?: string;
  readonly kind?: "lending" | "dex";
  readonly protocol?: string;
  readonly stable?: true;
  readonly sort?: SortColumn;
  readonly order?: "ascending" | "descending";
}

/** Reads a view from an address that anybody may have written. */
export function readMarketView(search: Readonly<Record<string, unknown>>): MarketView {
  const text = (name: string) => {
    const value = search[name];
    // The router reads what looks like a number as one.
    return typeof value === "string" || typeof value === "number" ? String(value).slice(0, 100) : undefined;
  };
  return withoutUndefined({
    q: text("q"),
    asset: text("asset"),
    kind: search.kind === "lending" || search.kind === "dex" ? search.kind : undefined,
    protocol: text("protocol"),
    stable: search.stable === true ? (true as const) : undefined,
    sort: sortColumns.find((column) => column === search.sort),
    order: search.order === "ascending" || search.order === "descending" ? search.order : undefined,
  });
}

/** The same without what is not said, so that it does not stand in the address. */
function withoutUndefined<TObject extends object>(
  object: TObject,
): { [TKey in keyof TObject]?: NonNullable<TObject[TKey]> } {
  // Only entries that are undefined are left out.
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined)) as never;
}

/** The markets that a view shows, in its order. */
export function selectMarkets(markets: readonly Market[], view: MarketView): Market[] {
  const words = (view.q ?? "")
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== "");
  const { sort = "tvl" } = view;
  const direction = orderOf(view) === "ascending" ? 1 : -1;
  return markets
    .filter((market) => isShown(market, view, words))
    .toSorted((left, right) => compare(figureOf(left, sort), figureOf(right, sort), direction));
}

/** The order that is shown: names from A on, figures from the largest. */
export function orderOf({ sort = "tvl", order }: MarketView): "ascending" | "descending" {
  return order ?? (sort === "market" || sort === "risk" ? "ascending" : "descending");
}

function isShown(market: Market, view: MarketView, words: readonly string[]): boolean {
  if (view.asset !== undefined && !market.assets.includes(view.asset)) return false;
  if (view.kind !== undefined && market.kind !== view.kind) return false;
  if (view.protocol !== undefined && market.protocol !== view.protocol) return false;
  if (view.stable === true && !market.stable) return false;
  const text = `${market.symbol} ${market.protocol_name} ${market.protocol} ${market.chain}`.toLowerCase();
  return words.every((word) => text.includes(word));
}

function figureOf(market: Market, column: SortColumn): number | string | null {
  switch (column) {
    case "market":
      return `${market.symbol} ${market.protocol_name}`;
    case "apy":
      return market.apy;
    case "expected":
      return market.expected_apy?.value ?? null;
    case "risk":
      return market.risk_score;
    case "tvl":
      return market.tvl_usd;
    case "utilization":
      return market.utilization;
  }
}

/** What is not known comes last in either direction. */
function compare(left: number | string | null, right: number | string | null, direction: 1 | -1): number {
  if (left === null || right === null) return Number(left === null) - Number(right === null);
  if (typeof left === "string" || typeof right === "string") {
    return direction * String(left).localeCompare(String(right), "en");
  }
  return direction * (left - right);
}
