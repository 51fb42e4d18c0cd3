import type { JsonSchema } from "@obsqra/contract/schemas";
import { printPart, type SharedPart, sharedPart } from "./print-type.ts";

/** What several schemas have alike. */
interface Shared {
  /** A schema that has it. */
  readonly of: string;
  readonly fields: string;
  readonly comment: string;
}

/** Interfaces that stand for no schema of their own: what is said in them is said once. Larger ones come before their parts. */
const shared: Readonly<Record<string, Shared>> = {
  ListInput: {
    of: "ListSessionsInput",
    fields: "sort limit cursor",
    comment: "What lists take, that have no filters of their own or besides them.",
  },
  PageInput: {
    of: "ListSessionsInput",
    fields: "limit cursor",
    comment: "What lists take that have an order of their own.",
  },
  LongPageInput: {
    of: "ExportDataInput",
    fields: "limit cursor",
    comment: "The same of lists with long pages.",
  },
  EventFields: {
    of: "ApiKeyCreatedEvent",
    fields: "id occurred_at",
    comment: "What every event has.",
  },
  ForecastFields: {
    of: "RiskForecastItem",
    fields:
      "id receipt protocol market_id symbol as_of target_at stale confidence interval_level served_by forecaster model_version confidence_tolerance lower upper intervals",
    comment: "What forecasts of risk and of yield have alike.",
  },
  ExplanationFields: {
    of: "RiskExplanation",
    fields: "sentence naive start features others",
    comment: "What a forecast of risk or of yield is made up of.",
  },
  Expectation: {
    of: "ExpectedRisk",
    fields: "value lower upper interval_level target_at stale",
    comment: "What is forecast of a market, in short.",
  },
  ForecastCounts: {
    of: "TrackRecordPart",
    fields:
      "n n_prospective n_pending n_unobserved n_unwitnessed mae baseline_mae interval_level coverage mean_confidence within_tolerance first_target_at last_target_at",
    comment: "How forecasts did.",
  },
  Attested: {
    of: "TrackRecord",
    fields: "attestation witnesses",
    comment: "Whose word it is when forecasts were made.",
  },
  LogReceipt: {
    of: "ForecastReceipt",
    fields: "log_url tlog_proof witnessed_checkpoint attestation",
    comment: "What proves that something is in the transparency log.",
  },
  AdviceLimits: {
    of: "RunOptimizationInput",
    fields:
      "assets stable_only single_asset_only amount max_protocol_share max_market_share max_chain_share must_stay horizon_days",
    comment: "What advice has to keep to.",
  },
};

/** Schemas that others have the whole of, and say nothing anew about. */
const bases = ["Tokens", "ApiKey", "Webhook", "User", "MyOrganisation", "MarketOverview", "TrackRecordInput"];

/** Makes the parts of the contract's schemas. */
export function readSharedParts(named: ReadonlyMap<string, JsonSchema>): SharedPart[] {
  return [
    ...bases.map((name) => sharedPart(name, find(name), Object.keys(find(name).properties ?? {}))),
    ...Object.entries(shared).map(([name, { of, fields }]) => sharedPart(name, find(of), fields.split(" "))),
  ];

  function find(name: string): JsonSchema {
    const schema = named.get(name);
    if (schema === undefined) throw new Error(`There is no schema ${name}.`);
    return schema;
  }
}

/** Prints those parts that are no schemas themselves. */
export function printSharedParts(parts: readonly SharedPart[]): string[] {
  return parts.flatMap((part) => {
    const comment = shared[part.name]?.comment;
    return comment === undefined ? [] : printPart(part, comment);
  });
}
