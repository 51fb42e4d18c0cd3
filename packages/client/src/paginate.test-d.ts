/** What `paginate` takes and gives, checked by `pnpm types`: every list of the API, and nothing else. */
import type { AllocationSnapshot, AppRouter, ObsqraClient, RiskHistory, Transaction } from "./index.ts";
import { paginate } from "./index.ts";

type Equal<TLeft, TRight> =
  (<T>() => T extends TLeft ? 1 : 2) extends <T>() => T extends TRight ? 1 : 2 ? true : false;

function expectTrue<TValue extends true>(): TValue | undefined {
  return undefined;
}

declare const obsqra: ObsqraClient;

type ItemOf<TIterable> = TIterable extends AsyncIterable<infer TItem> ? TItem : never;

// Items and pages are the list's own.
const transactions = paginate(obsqra.transactions.list);
expectTrue<Equal<ItemOf<typeof transactions>, Transaction>>();
const snapshots = paginate(obsqra.analytics.allocation_history, { sort: "oldest", limit: 5 });
expectTrue<Equal<ItemOf<typeof snapshots>, AllocationSnapshot>>();
const history = paginate(obsqra.analytics.risk_history, { protocol: "nostra" }).byPage();
expectTrue<Equal<ItemOf<typeof history>, RiskHistory>>();

// So is the input.
paginate(
  obsqra.transactions.list,
  { tx_type: "deposit", cursor: "x" },
  { signal: new AbortController().signal },
);
// @ts-expect-error no such type of transaction
paginate(obsqra.transactions.list, { tx_type: "gift" });
// @ts-expect-error a filter of another list
paginate(obsqra.transactions.list, { protocol: "nostra" });

// A procedure that is not a list is refused.
// @ts-expect-error one transaction
paginate(obsqra.transactions.get);
// @ts-expect-error a mutation
paginate(obsqra.transactions.create);
// @ts-expect-error an output with an array in it
paginate(obsqra.analytics.dashboard);
// @ts-expect-error a feature
paginate(obsqra.transactions);

/** The procedures, as `feature.name`, whose outputs have `items`. */
type Lists = {
  [TFeature in keyof Procedures & string]: {
    [TName in keyof Procedures[TFeature] & string]: Procedures[TFeature][TName] extends {
      readonly _def: { readonly $types: { readonly output: { readonly items: readonly unknown[] } } };
    }
      ? `${TFeature}.${TName}`
      : never;
  }[keyof Procedures[TFeature] & string];
}[keyof Procedures & string];

type Procedures = AppRouter["_def"]["record"];

// Every list of the API is taken; a new one has to be added here.
const lists = {
  "analytics.allocation_history": paginate(obsqra.analytics.allocation_history),
  "analytics.markets": paginate(obsqra.analytics.markets),
  "analytics.risk_history": paginate(obsqra.analytics.risk_history),
  "auth.api_keys": paginate(obsqra.auth.api_keys),
  "auth.remembered_devices": paginate(obsqra.auth.remembered_devices),
  "auth.passkeys": paginate(obsqra.auth.passkeys),
  "auth.identities": paginate(obsqra.auth.identities),
  "auth.sessions": paginate(obsqra.auth.sessions),
  "auth.wallets": paginate(obsqra.auth.wallets),
  "operations.job_runs": paginate(obsqra.operations.job_runs),
  "operations.jobs": paginate(obsqra.operations.jobs),
  "organisations.invitations": paginate(obsqra.organisations.invitations),
  "organisations.list": paginate(obsqra.organisations.list),
  "organisations.members": paginate(obsqra.organisations.members),
  "predictions.forecast_history": paginate(obsqra.predictions.forecast_history),
  "predictions.models": paginate(obsqra.predictions.models),
  "predictions.rebalance_suggestions": paginate(obsqra.predictions.rebalance_suggestions),
  "predictions.risk_forecast": paginate(obsqra.predictions.risk_forecast),
  "predictions.suggestion_history": paginate(obsqra.predictions.suggestion_history),
  "predictions.track_record": paginate(obsqra.predictions.track_record),
  "predictions.track_record_parts": paginate(obsqra.predictions.track_record_parts),
  "predictions.yield_forecast": paginate(obsqra.predictions.yield_forecast),
  "transactions.entries": paginate(obsqra.transactions.entries),
  "transactions.list": paginate(obsqra.transactions.list),
  "users.audit_log": paginate(obsqra.users.audit_log),
  "users.export_data": paginate(obsqra.users.export_data),
  "users.export_records": paginate(obsqra.users.export_records),
  "webhooks.attempts": paginate(obsqra.webhooks.attempts),
  "webhooks.deliveries": paginate(obsqra.webhooks.deliveries),
  "webhooks.list": paginate(obsqra.webhooks.list),
};
expectTrue<Equal<keyof typeof lists, Lists>>();
