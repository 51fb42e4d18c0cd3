import type {
  AdviceRequest,
  AllocationOptimizer,
  AllocationRequest,
  AllocationResult,
  MarketAdvice,
} from "@obsqra/ml";

/** Optimises where it holds up nobody else: an optimum can take tenths of a second of a core. */
export interface Optimizer {
  /**
   * As the optimiser of `@obsqra/ml`, for an owner: each gets their turn, however many questions another has asked.
   *
   * @throws AppError SERVER_OVERLOADED when too many questions wait already; what the optimiser itself throws
   */
  optimize(ownerId: string, request: AllocationRequest): Promise<AllocationResult>;
  /** The same for advice about markets. */
  advise(ownerId: string, request: AdviceRequest): Promise<MarketAdvice>;
}

/** Optimises in the caller's own thread, at once. For tests, and where nobody else waits. */
export function optimizeHere(optimizer: AllocationOptimizer): Optimizer {
  return {
    optimize: async (_ownerId, request) => optimizer.optimize(request),
    advise: async (_ownerId, request) => optimizer.advise(request),
  };
}
