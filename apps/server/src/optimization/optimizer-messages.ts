import type {
  AdviceRequest,
  AllocationErrorCode,
  AllocationRequest,
  AllocationResult,
  MarketAdvice,
} from "@obsqra/ml";

/** What the thread may be asked. */
export interface OptimizerQuestions {
  optimize: { readonly request: AllocationRequest; readonly result: AllocationResult };
  advise: { readonly request: AdviceRequest; readonly result: MarketAdvice };
}

/** A question for the thread. */
export type OptimizerRequest = {
  readonly [TKind in keyof OptimizerQuestions]: {
    readonly id: number;
    readonly kind: TKind;
    readonly request: OptimizerQuestions[TKind]["request"];
  };
}[keyof OptimizerQuestions];

/** What the thread says to it. */
export type OptimizerReply =
  | { readonly id: number; readonly result: AllocationResult | MarketAdvice }
  | {
      readonly id: number;
      readonly failure: {
        readonly code: AllocationErrorCode;
        readonly message: string;
        readonly field?: string;
      };
    };
