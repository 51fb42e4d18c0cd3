import type { ColumnType, GeneratedAlways } from "kysely";
import type { Json, Sequence, Timestamp } from "./column-types.ts";

type MarketKind = "lending" | "dex" | "unknown";
type ProtocolStatus = "active" | "paused" | "deprecated" | "exploited";

export interface ProtocolsTable {
  name: string;
  display_name: string;
  /** Of its markets; `unknown` where they differ, or it is unknown of all. */
  kind: MarketKind;
  /**
   * The one that counts: the operator's decision if there is one, else what registry or feed said last. The database sees
   * to it whoever writes here; what is written is kept in `protocol_statuses` as the word of the registry.
   */
  status: ProtocolStatus;
  status_since: Timestamp | null;
  /** Where the status can be checked; null for protocols that only a data file knows. */
  evidence_url: string | null;
  audit_score: number;
  audit_evidence_url: string | null;
  launched_at: Timestamp | null;
  incidents: Json<unknown>;
  status_decided_by: GeneratedAlways<"operator" | "registry">;
}

/** Who decided what about the status of a protocol. Append-only; entries of the registry are written by the database. */
export interface ProtocolStatusesTable {
  id: ColumnType<string, string | undefined, never>;
  sequence: Sequence;
  protocol: string;
  decided_by: "operator" | "registry";
  /** Null when an operator hands the decision back to the registry. */
  status: ProtocolStatus | null;
  status_since: Timestamp | null;
  evidence_url: string | null;
  reason: string | null;
  decided_at: Timestamp;
}

export interface MarketsTable {
  id: string;
  protocol: string;
  chain: string;
  symbol: string;
  kind: MarketKind;
}

/** What an operator has said of the kind of a protocol's markets. Append-only; the newest counts, from the next import on. */
export interface ProtocolKindsTable {
  id: string;
  sequence: Sequence;
  protocol: string;
  /** Null when the decision is handed back to what the feed shows. */
  kind: MarketKind | null;
  reason: string | null;
  decided_at: Timestamp;
}

/** One row per completed load of a market source. */
export interface MarketImportsTable {
  id: string;
  sequence: Sequence;
  source: string;
  simulated: boolean;
  content_sha256: string;
  report: Json<unknown>;
  /** The newest observation. */
  observed_until: Timestamp;
  fetched_at: Timestamp;
  completed_at: Timestamp;
}

/** Raw observations, as the source gave them; doubtful ones are flagged in `quality`, not dropped. */
export interface MarketHistoryTable {
  market_id: string;
  source: string;
  observed_at: Timestamp;
  tvl_usd: number | null;
  /** Percent. */
  apy: number | null;
  apy_base: number | null;
  apy_reward: number | null;
  apy_base_borrow: number | null;
  /** 0 to 1. */
  utilization: number | null;
  frozen: boolean | null;
  paused: boolean | null;
  quality: string[];
  /** Of the import that brought it. */
  fetched_at: Timestamp;
  /** The import that brought it; null in rows from before migration 0018, and of servers older than it. */
  import_id: string | null;
}

/**
 * Observations of days that were over, as they were known until an import replaced or removed them. Append-only, until 400 days later.
 * What was observed on a day that was still going on is replaced without a trace.
 */
export interface MarketHistoryRevisionsTable extends MarketHistoryTable {
  /** The import that replaced or removed it. */
  replaced_by: string;
}

/** Metrics and RiskEngine score of a market on a UTC day. */
export interface RiskHistoryTable {
  market_id: string;
  source: string;
  /** UTC midnight at the start of the day. */
  as_of: Timestamp;
  protocol: string;
  risk_score: number;
  utilization_bp: number;
  volatility_bp: number;
  liquidity_tier: number;
  audit_score: number;
  age_days: number;
  apy: number | null;
  tvl_usd: number | null;
  /** Null where it is undefined: for an AMM. */
  utilization: number | null;
}

/** Why a feed could not be loaded, or was refused, since it was last loaded. */
export interface MarketFeedFailuresTable {
  source: string;
  since: Timestamp;
  /** Of MarketSourceError. */
  code: string;
  reason: string;
  /** Of what was refused, and by which rules it was read; null where there was nothing to judge. */
  content_sha256: string | null;
  reading: number | null;
}

/** An operator takes what a source has as it is, the next time that it is loaded. */
export interface MarketFeedAcceptancesTable {
  source: string;
  accepted_at: Timestamp;
}

/** A market of a feed of which nothing is taken for now. */
export interface QuarantinedMarketsTable {
  source: string;
  market_id: string;
  protocol: string;
  symbol: string;
  cause: "no_history" | "no_borrow_side" | "unconfirmed_jump";
  reason: string;
  since: Timestamp;
}

/** A market that has lost its risk score in the month before its source was imported last. */
export interface DroppedMarketsTable {
  source: string;
  market_id: string;
  /**
   * `silent`: it was not observed any more. `no_risk_score`: it was, and too little of it is known to score it. `unknown_kind`: it is
   * observed, and has no score because nobody knows what it is; it need not have had one before.
   */
  cause: "quarantined" | "silent" | "no_risk_score" | "unknown_kind";
  /** Null when it had none in the month before. */
  last_scored_at: Timestamp | null;
  /** Whether no market of its protocol has a newer one. */
  protocol_dropped: boolean;
}
