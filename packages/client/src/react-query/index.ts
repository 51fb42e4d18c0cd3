export { createQueries, type QueriesOptions } from "./create-queries.ts";
export { itemsOf } from "./items-of.ts";
export { type LiveUpdatesOptions, startLiveUpdates } from "./live-updates.ts";
export type {
  HasPathKey,
  ListFactories,
  MutationFactories,
  MutationOptions,
  ObsqraQueries,
  ObsqraQueryKey,
  QueryFactories,
} from "./queries.ts";
