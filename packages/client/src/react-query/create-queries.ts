import { type QueryFunctionContext, skipToken } from "@tanstack/react-query";
import type { ObsqraClient } from "../router.ts";
import type { ObsqraQueries, ObsqraQueryKey } from "./queries.ts";

/** How queries are made. */
export interface QueriesOptions {
  /** What every key begins with: another one for each client that shares a query client. @default "obsqra" */
  readonly key?: string;
}

/** A procedure as the client's proxy has it, of which only one is there. */
interface Procedure {
  query(input: unknown, options: { readonly signal: AbortSignal }): Promise<unknown>;
  mutate(input: unknown): Promise<unknown>;
}

/**
 * Makes the options of TanStack Query for every procedure of a client: `queryOptions` and, for lists, `infiniteQueryOptions`
 * for queries, `mutationOptions` for mutations, and the keys of all of them.
 *
 * @example
 * ```ts
 * const queries = createQueries(createClient({ url: "" }));
 * const { data } = useQuery(queries.analytics.dashboard.queryOptions({ days: 7 }));
 * ```
 */
export function createQueries(client: ObsqraClient, { key: root = "obsqra" }: QueriesOptions = {}) {
  // The client is a proxy that makes procedures of names, and so is this: the types say which names there are.
  const procedures = client as unknown as Readonly<Record<string, Readonly<Record<string, Procedure>>>>;
  return createFolder([root], (feature) =>
    createFolder([root, feature], (name) => createFactories([root, feature, name], find(feature, name))),
  ) as ObsqraQueries;

  function find(feature: string, name: string): Procedure {
    const procedure = procedures[feature]?.[name];
    if (procedure === undefined) throw new Error(`There is no procedure ${feature}.${name}.`);
    return procedure;
  }
}

/** Something with a key, and with members that are made when they are asked for. */
function createFolder(path: readonly string[], createMember: (name: string) => unknown): unknown {
  return new Proxy(
    { pathKey: () => path },
    {
      get: (own, name) => {
        if (typeof name === "symbol" || name in own) return Reflect.get(own, name);
        return createMember(name);
      },
    },
  );
}

// The client itself sends again what failed for the moment: twice as often would be too much.
const retry = false;

function createFactories(path: readonly string[], procedure: Procedure) {
  const queryKey = (input?: unknown) => keyOf(path, "query", input);
  const infiniteQueryKey = (input?: unknown) => keyOf(path, "infinite", input);
  return {
    pathKey: () => path,
    queryKey,
    infiniteQueryKey,
    mutationKey: () => path,
    queryOptions: (input?: unknown) => ({
      queryKey: queryKey(input),
      queryFn:
        input === skipToken
          ? skipToken
          : ({ signal }: QueryFunctionContext) => procedure.query(input, { signal }),
      retry,
    }),
    infiniteQueryOptions: (input?: object | typeof skipToken) => ({
      queryKey: infiniteQueryKey(input),
      queryFn:
        input === skipToken
          ? skipToken
          : ({ signal, pageParam }: QueryFunctionContext<ObsqraQueryKey, string | undefined>) =>
              procedure.query(pageParam === undefined ? input : { ...input, cursor: pageParam }, { signal }),
      initialPageParam: undefined,
      getNextPageParam: ({ next_cursor }: { readonly next_cursor: string | null }) => next_cursor,
      retry,
    }),
    mutationOptions: () => ({
      mutationKey: path,
      mutationFn: (input: unknown) => procedure.mutate(input),
    }),
  };
}

/** The same for the same call, also where an input is left out, empty, or has fields that are undefined. */
function keyOf(path: readonly string[], type: "query" | "infinite", input: unknown): readonly unknown[] {
  const isEmpty =
    input === undefined ||
    input === skipToken ||
    (typeof input === "object" && Object.values(input ?? {}).every((value) => value === undefined));
  return [...path, isEmpty ? { type } : { type, input }];
}
