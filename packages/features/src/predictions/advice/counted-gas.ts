import type { ChainGas, GasSource } from "@obsqra/contract";
import { type AdviceRequest, gasSourceOf, type MarketAdvice } from "@obsqra/ml";

/** Quotes as the adviser takes them. */
export function toRequestGas(quotes: readonly ChainGas[]): NonNullable<AdviceRequest["gas"]> {
  return quotes.map(({ chain, usd }) => ({ chain, usd: Number(usd) }));
}

/** Where the gas of the move to the target is from, and of when. */
export function toCountedGas(
  advice: MarketAdvice,
  { markets, quotes }: Pick<AdviceRequest, "markets"> & { readonly quotes: readonly ChainGas[] },
): { readonly gas_source: GasSource; readonly gas_read_at: string | null } {
  const { source, chains } = gasSourceOf(advice, { markets, gas: toRequestGas(quotes) });
  const moments = quotes.filter(({ chain }) => chains.includes(chain)).map(({ read_at }) => read_at);
  return { gas_source: source, gas_read_at: moments.toSorted()[0] ?? null };
}
