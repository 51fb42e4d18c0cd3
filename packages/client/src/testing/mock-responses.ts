import type { InputOf, OutputOf } from "../procedures.ts";
import type { ObsqraClient } from "../router.ts";

/** A call that the mock was asked for. */
export interface MockCall {
  /** `analytics.dashboard` */
  readonly path: string;
  readonly input: unknown;
}

/** What a procedure returns; as a function, of its input. Throw an `ObsqraError` for a call that fails. */
export type MockResponse<TInput, TOutput> = TOutput | ((input: TInput) => TOutput | Promise<TOutput>);

/** What procedures return in the place of their examples, by feature and name. */
export type MockResponses = {
  readonly [TFeature in keyof Omit<ObsqraClient, "events">]?: {
    readonly [TName in keyof ObsqraClient[TFeature]]?: MockResponse<
      InputOf<ObsqraClient[TFeature][TName]>,
      OutputOf<ObsqraClient[TFeature][TName]>
    >;
  };
};
