/**
 * Proves at compile time that the types which the client publishes are those of the real router. `pnpm types` checks
 * it; when it fails, run `pnpm generate`.
 */
import type { AppRouter as PublishedRouter } from "@obsqra/client";
import type { inferRouterError, inferRouterInputs, inferRouterOutputs } from "@trpc/server";
import type { AppRouter } from "./root.ts";

/** True only for types that are the same to the compiler, unlike `satisfies` and `extends`. */
type Equal<TLeft, TRight> =
  (<T>() => T extends TLeft ? 1 : 2) extends <T>() => T extends TRight ? 1 : 2 ? true : false;

/** The procedures, as `feature.name`, for which the comparison is not true. */
type Differences<TLeft, TRight> = {
  [TFeature in keyof (TLeft | TRight) & string]: {
    [TName in keyof TLeft[TFeature] & string]: TName extends keyof TRight[TFeature]
      ? Equal<TLeft[TFeature][TName], TRight[TFeature][TName]> extends true
        ? never
        : `${TFeature}.${TName}`
      : `${TFeature}.${TName}`;
  }[keyof TLeft[TFeature] & string];
}[keyof (TLeft | TRight) & string];

/** `query` or `mutation` of every procedure. */
type Kinds<TRouter extends { readonly _def: { readonly record: object } }> = {
  [TFeature in keyof TRouter["_def"]["record"]]: {
    [TName in keyof TRouter["_def"]["record"][TFeature]]: TRouter["_def"]["record"][TFeature][TName] extends {
      readonly _def: { readonly type: infer TKind };
    }
      ? TKind
      : never;
  };
};

type Names<TKinds> = { [TFeature in keyof TKinds]: keyof TKinds[TFeature] };

/** Compiles for `never` only; otherwise the compiler's message names what differs. */
function expectNone<TDifference extends never>(): TDifference | undefined {
  return undefined;
}

function expectTrue<TValue extends true>(): TValue | undefined {
  return undefined;
}

expectTrue<Equal<Names<Kinds<AppRouter>>, Names<Kinds<PublishedRouter>>>>();
expectNone<Differences<Kinds<AppRouter>, Kinds<PublishedRouter>>>();
expectNone<Differences<inferRouterInputs<AppRouter>, inferRouterInputs<PublishedRouter>>>();
expectNone<Differences<inferRouterOutputs<AppRouter>, inferRouterOutputs<PublishedRouter>>>();
expectTrue<Equal<inferRouterError<AppRouter>, inferRouterError<PublishedRouter>>>();

// The comparison itself can tell.
// @ts-expect-error a field more
expectTrue<Equal<{ a: string }, { a: string; b?: string }>>();
// @ts-expect-error another kind
expectNone<Differences<{ auth: { me: "query" } }, { auth: { me: "mutation" } }>>();
// @ts-expect-error a procedure that is not published
expectNone<Differences<{ auth: { me: "query" } }, { auth: object }>>();
