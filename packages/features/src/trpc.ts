import {
  type CallContext,
  createCallerFactory,
  createProcedures,
  mergeRouters,
  router,
} from "@obsqra/platform";
import type { ApiDependencies } from "./dependencies.ts";

/** What every procedure gets: the dependencies, and the request. */
export type ApiContext = CallContext<ApiDependencies>;

export const { query, mutation, subscription } = createProcedures<ApiDependencies>();
export { createCallerFactory, mergeRouters, router };
