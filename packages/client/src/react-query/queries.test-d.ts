/** What the options of TanStack Query know of the API, checked by `pnpm types`. */
import {
  QueryClient,
  skipToken,
  useInfiniteQuery,
  useMutation,
  useQuery,
  useSuspenseQuery,
} from "@tanstack/react-query";
import type { AnyObsqraError, Dashboard, ObsqraClient, Transaction, User } from "../index.ts";
import { createQueries, itemsOf } from "./index.ts";

type Equal<TLeft, TRight> =
  (<T>() => T extends TLeft ? 1 : 2) extends <T>() => T extends TRight ? 1 : 2 ? true : false;

function expectTrue<TValue extends true>(): TValue | undefined {
  return undefined;
}

declare const obsqra: ObsqraClient;
const queries = createQueries(obsqra);

// Data and errors are the procedure's own, also with what is added to the options.
const dashboard = useQuery(queries.analytics.dashboard.queryOptions({ days: 7 }));
expectTrue<Equal<typeof dashboard.data, Dashboard | undefined>>();
expectTrue<Equal<typeof dashboard.error, AnyObsqraError | null>>();
const count = useQuery({
  ...queries.analytics.dashboard.queryOptions(),
  staleTime: 60_000,
  select: ({ protocols }) => protocols.length,
});
expectTrue<Equal<typeof count.data, number | undefined>>();
const user = useSuspenseQuery(queries.auth.me.queryOptions());
expectTrue<Equal<typeof user.data, User>>();
const waiting = useQuery(queries.transactions.get.queryOptions(skipToken));
expectTrue<Equal<typeof waiting.data, Transaction | undefined>>();
// @ts-expect-error nothing suspends for an input that may never come
useSuspenseQuery(queries.transactions.get.queryOptions(skipToken));

const list = useInfiniteQuery({ ...queries.transactions.list.infiniteQueryOptions(), select: itemsOf });
expectTrue<Equal<typeof list.data, Transaction[] | undefined>>();

const kept = new QueryClient().getQueryData(queries.auth.me.queryKey());
expectTrue<Equal<typeof kept, User | undefined>>();

const create = useMutation(queries.transactions.create.mutationOptions());
create.mutate({ tx_hash: "0x1", tx_type: "deposit", amount: "1" });
expectTrue<Equal<typeof create.data, Transaction | undefined>>();
expectTrue<Equal<typeof create.error, AnyObsqraError | null>>();
useMutation(queries.auth.logout.mutationOptions()).mutate();

// @ts-expect-error an input that the procedure does not take
queries.analytics.dashboard.queryOptions({ days: "7" });
// @ts-expect-error an input is needed
queries.transactions.get.queryOptions();
// @ts-expect-error not a list
queries.analytics.dashboard.infiniteQueryOptions();
// @ts-expect-error a mutation
queries.transactions.create.queryOptions();
// @ts-expect-error read by live updates
queries.events;
