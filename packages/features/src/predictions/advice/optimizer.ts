import type { AdviceRequest, Adviser, MarketAdvice } from "@obsqra/ml";

/** Optimises where it holds up nobody else: an optimum can take tenths of a second of a core. */
export interface Optimizer {
  /**
   * As the adviser of `@obsqra/ml`, for an owner: each gets their turn, however many questions another has asked.
   *
   * @throws AppError SERVER_OVERLOADED when too many questions wait already; what the adviser itself throws
   */
  advise(ownerId: string, request: AdviceRequest): Promise<MarketAdvice>;
}

/** Optimises in the caller's own thread, at once. For tests, and where nobody else waits. */
export function optimizeHere({ advise }: Adviser): Optimizer {
  return { advise: async (_ownerId, request) => advise(request) };
}
