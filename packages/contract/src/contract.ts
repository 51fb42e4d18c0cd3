import { analyticsEndpoints } from "./analytics/analytics.endpoints.ts";
import { authEndpoints } from "./auth/auth.endpoints.ts";
import type { Endpoint } from "./endpoints/endpoint.ts";
import { eventsEndpoints } from "./events/events.endpoints.ts";
import { operationsEndpoints } from "./operations/operations.endpoints.ts";
import { organisationsEndpoints } from "./organisations/organisations.endpoints.ts";
import { predictionsEndpoints } from "./predictions/predictions.endpoints.ts";
import { receiptsEndpoints } from "./receipts/receipts.endpoints.ts";
import { serviceEndpoints } from "./service/service.endpoints.ts";
import { transactionsEndpoints } from "./transactions/transactions.endpoints.ts";
import { usersEndpoints } from "./users/users.endpoints.ts";
import { webhooksEndpoints } from "./webhooks/webhooks.endpoints.ts";

/** Everything that a caller can ask for: feature, then endpoint. */
export const contract = {
  auth: authEndpoints,
  users: usersEndpoints,
  organisations: organisationsEndpoints,
  analytics: analyticsEndpoints,
  predictions: predictionsEndpoints,
  receipts: receiptsEndpoints,
  transactions: transactionsEndpoints,
  operations: operationsEndpoints,
  events: eventsEndpoints,
  webhooks: webhooksEndpoints,
  service: serviceEndpoints,
} as const satisfies Record<string, Record<string, Endpoint>>;

export type Contract = typeof contract;

/** One endpoint with its place in the contract. */
export interface NamedEndpoint {
  readonly feature: string;
  readonly name: string;
  /** As tRPC spells it: `feature.name`. */
  readonly path: string;
  readonly endpoint: Endpoint;
}

/** All endpoints in the contract's order, for everything that is made from them. */
export function listEndpoints(): NamedEndpoint[] {
  return Object.entries(contract).flatMap(([feature, endpoints]) =>
    Object.entries<Endpoint>(endpoints).map(([name, endpoint]) => ({
      feature,
      name,
      path: `${feature}.${name}`,
      endpoint,
    })),
  );
}

/** Those that are called and respond once: all but the subscriptions. */
export function listCalls(): NamedEndpoint[] {
  return listEndpoints().filter(({ endpoint }) => endpoint.kind !== "subscription");
}
