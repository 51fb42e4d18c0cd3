import type { AdviceErrorCode, AdviceRequest, MarketAdvice } from "@obsqra/ml";

/** A question for the thread. */
export interface OptimizerRequest {
  readonly id: number;
  readonly request: AdviceRequest;
}

/** What the thread says to it. */
export type OptimizerReply =
  | { readonly id: number; readonly result: MarketAdvice }
  | {
      readonly id: number;
      readonly failure: {
        readonly code: AdviceErrorCode;
        readonly message: string;
        readonly field?: string;
      };
    };
