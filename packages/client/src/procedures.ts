import type { CallContext } from "./call-link.ts";
import type { EventTopic } from "./router.ts";

/** What a call takes besides its input. */
export interface CallOptions {
  /** Ends the call: with `REQUEST_ABORTED`. */
  readonly signal?: AbortSignal | undefined;
  readonly context?: CallContext | undefined;
}

/** Reads something. */
export interface Query<TInput, TOutput> {
  /** @throws ObsqraError */
  query(input: TInput, options?: CallOptions): Promise<TOutput>;
}

/** Reads something, and needs no input for it. */
export interface OpenQuery<TInput, TOutput> {
  /** @throws ObsqraError */
  query(input?: TInput, options?: CallOptions): Promise<TOutput>;
}

/** Changes something. */
export interface Mutation<TInput, TOutput> {
  /** @throws ObsqraError */
  mutate(input: TInput, options?: CallOptions): Promise<TOutput>;
}

/** Changes something, and needs no input for it. */
export interface OpenMutation<TInput, TOutput> {
  /** @throws ObsqraError */
  mutate(input?: TInput, options?: CallOptions): Promise<TOutput>;
}

/** `events.follow`, which `follow` reads. */
export interface EventStreamProcedure {
  /** Opens one stream, and gives its response, which is read and ended by whoever asked for it. */
  readonly subscribe: (
    input: { readonly topics?: readonly EventTopic[] | undefined; readonly after?: string | undefined },
    options: {
      readonly signal: AbortSignal;
      readonly onData: (response: Response) => void;
      readonly onError: (error: Error) => void;
    },
  ) => unknown;
}

declare const types: unique symbol;

/** Follows something. */
export interface Subscription<TInput, TOutput> extends EventStreamProcedure {
  /** For types only: what it takes, and what comes. */
  readonly [types]?: { readonly input: TInput; readonly output: TOutput };
}

type CallOf<TProcedure> = TProcedure extends { readonly query: infer TCall }
  ? TCall
  : TProcedure extends { readonly mutate: infer TCall }
    ? TCall
    : never;

/** What a procedure takes, with undefined where it may be left out. */
export type InputOf<TProcedure> =
  TProcedure extends Subscription<infer TInput, unknown>
    ? TInput
    : CallOf<TProcedure> extends (...call: infer TParameters) => unknown
      ? TParameters[0]
      : never;

/** What a procedure gives. */
export type OutputOf<TProcedure> =
  TProcedure extends Subscription<unknown, infer TOutput>
    ? TOutput
    : CallOf<TProcedure> extends (...call: never) => Promise<infer TOutput>
      ? TOutput
      : never;
