import type {
  DataTag,
  InfiniteData,
  SkipToken,
  UndefinedInitialDataInfiniteOptions,
  UndefinedInitialDataOptions,
  UnusedSkipTokenInfiniteOptions,
  UnusedSkipTokenOptions,
  UseMutationOptions,
} from "@tanstack/react-query";
import type { AnyObsqraError } from "../obsqra-error.ts";
import type { Page } from "../paginate.ts";
import type { InputOf, OutputOf } from "../procedures.ts";
import type { ObsqraClient } from "../router.ts";

/** Begins with where the procedure is, so that the key of a feature covers all of its queries. */
export type ObsqraQueryKey = readonly unknown[];

/** What `useMutation` takes. */
export type MutationOptions<TInput, TOutput> = UseMutationOptions<
  TOutput,
  AnyObsqraError,
  // biome-ignore lint/suspicious/noConfusingVoidType: only void lets `mutate()` be called without an input.
  undefined extends TInput ? TInput | void : TInput
> & { readonly mutationKey: ObsqraQueryKey };

interface WithKey<TData> {
  readonly queryKey: DataTag<ObsqraQueryKey, TData, AnyObsqraError>;
}

type List<TPage> = InfiniteData<TPage, string | undefined>;
/** An input that may be left out where the procedure needs none. */
type Arguments<TInput, TOther = never> = undefined extends TInput
  ? [input?: TInput | TOther]
  : [input: TInput | TOther];

/** A key that covers everything below it, for `invalidateQueries` and the like. */
export interface HasPathKey {
  pathKey(): ObsqraQueryKey;
}

/** Options and keys of a query. */
export interface QueryFactories<TInput, TOutput> extends HasPathKey {
  /** The key of one input; `pathKey` covers all of them. */
  queryKey(...input: Arguments<TInput>): WithKey<TOutput>["queryKey"];
  /** What `useQuery`, `useSuspenseQuery`, `prefetchQuery` and `fetchQuery` take. Spread it to add `select` and the like. */
  queryOptions(
    ...input: Arguments<TInput>
  ): UnusedSkipTokenOptions<TOutput, AnyObsqraError, TOutput, ObsqraQueryKey> & WithKey<TOutput>;
  /** The same, where `skipToken` stands for an input that is not known yet. */
  queryOptions(
    ...input: Arguments<TInput, SkipToken>
  ): UndefinedInitialDataOptions<TOutput, AnyObsqraError, TOutput, ObsqraQueryKey> & WithKey<TOutput>;
}

/** Options and keys of a query that lists something page by page. */
export interface ListFactories<TInput, TPage> extends QueryFactories<TInput, TPage> {
  /** The key of the pages of one input; `pathKey` covers all of them. */
  infiniteQueryKey(...input: Arguments<TInput>): WithKey<List<TPage>>["queryKey"];
  /** What `useInfiniteQuery` and `prefetchInfiniteQuery` take: page by page, to the end of the list. */
  infiniteQueryOptions(
    ...input: Arguments<TInput>
  ): UnusedSkipTokenInfiniteOptions<TPage, AnyObsqraError, List<TPage>, ObsqraQueryKey, string | undefined> &
    WithKey<List<TPage>>;
  /** The same, where `skipToken` stands for an input that is not known yet. */
  infiniteQueryOptions(
    ...input: Arguments<TInput, SkipToken>
  ): UndefinedInitialDataInfiniteOptions<
    TPage,
    AnyObsqraError,
    List<TPage>,
    ObsqraQueryKey,
    string | undefined
  > &
    WithKey<List<TPage>>;
}

/** Options and key of a mutation. */
export interface MutationFactories<TInput, TOutput> {
  mutationKey(): ObsqraQueryKey;
  /** What `useMutation` takes. Spread it to add `onSuccess` and the like. */
  mutationOptions(): MutationOptions<TInput, TOutput>;
}

type FactoriesOf<TProcedure> = TProcedure extends { readonly mutate: unknown }
  ? MutationFactories<InputOf<TProcedure>, OutputOf<TProcedure>>
  : OutputOf<TProcedure> extends Page<unknown>
    ? ListFactories<InputOf<TProcedure>, OutputOf<TProcedure>>
    : QueryFactories<InputOf<TProcedure>, OutputOf<TProcedure>>;

/** Of each procedure that is a query or a mutation, its options and keys. */
export type ObsqraQueries = HasPathKey & {
  readonly [TFeature in keyof Omit<ObsqraClient, "events">]: HasPathKey & {
    readonly [TName in keyof ObsqraClient[TFeature]]: FactoriesOf<ObsqraClient[TFeature][TName]>;
  };
};
