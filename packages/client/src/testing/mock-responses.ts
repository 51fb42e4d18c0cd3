import type { AppRouter } from "../router.ts";

/** A call that the mock was asked for. */
export interface MockCall {
  /** `analytics.dashboard` */
  readonly path: string;
  readonly input: unknown;
}

/** What a procedure returns; as a function, of its input. Throw an `ObsqraError` for a call that fails. */
export type MockResponse<TInput, TOutput> = TOutput | ((input: TInput) => TOutput | Promise<TOutput>);

type Procedures = AppRouter["_def"]["record"];

type ResponseOf<TProcedure> = TProcedure extends {
  readonly _def: { readonly $types: { readonly input: infer TInput; readonly output: infer TOutput } };
}
  ? MockResponse<TInput, TOutput>
  : never;

/** What procedures return in the place of their examples, by feature and name. */
export type MockResponses = {
  readonly [TFeature in keyof Omit<Procedures, "events">]?: {
    readonly [TName in keyof Procedures[TFeature]]?: ResponseOf<Procedures[TFeature][TName]>;
  };
};
