import type { AllocationErrorCode, AllocationRequest, AllocationResult } from "@obsqra/ml";

/** A question for the thread. */
export interface OptimizerRequest {
  readonly id: number;
  readonly request: AllocationRequest;
}

/** What the thread says to it. */
export type OptimizerReply =
  | { readonly id: number; readonly result: AllocationResult }
  | {
      readonly id: number;
      readonly failure: {
        readonly code: AllocationErrorCode;
        readonly message: string;
        readonly field?: string;
      };
    };
