/** Over how many days a market is shown. */
export const periods = [30, 90] as const;

/** What a link to a market says besides which it is. */
export interface MarketPageView {
  readonly days?: (typeof periods)[number] | undefined;
}

/** Reads it from an address, which anybody may have written. */
export function readMarketPageView(search: Record<string, unknown>): MarketPageView {
  const days = periods.find((each) => each === Number(search.days));
  return days === undefined ? {} : { days };
}
