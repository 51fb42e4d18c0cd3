import type { Json, Sequence, Timestamp } from "./column-types.ts";

type ForecastKind = "risk" | "yield";

/** Immutable, content-addressed model files. */
export interface ModelsTable {
  version: string;
  kind: ForecastKind;
  horizon_days: number;
  algorithm: string;
  served_by: "model" | "baseline";
  parameters: Json<unknown>;
  metrics: Json<unknown>;
  training_data_sha256: string;
  artefact: Uint8Array;
  artefact_sha256: string;
  created_at: Timestamp;
}

/** Which model answers from when on; the newest row of a kind and source is live. */
export interface ModelPromotionsTable {
  id: string;
  sequence: Sequence;
  kind: ForecastKind;
  source: string;
  version: string;
  /** The newest history that the model has learned from. */
  import_id: string;
  promoted_at: Timestamp;
}

export interface PredictionsTable {
  id: string;
  kind: ForecastKind;
  source: string;
  protocol: string;
  /** Null for a protocol's aggregate. */
  market_id: string | null;
  model_version: string;
  as_of: Timestamp;
  target_at: Timestamp;
  stale: boolean;
  value: number;
  lower: number;
  upper: number;
  interval_level: number;
  confidence: number;
  confidence_tolerance: number;
  current_value: number;
  baseline_value: number;
  served_by: "model" | "baseline";
  details: Json<unknown>;
  created_at: Timestamp;
  /** What came true, once it is known. */
  actual_value: number | null;
  actual_at: Timestamp | null;
}

export interface RebalanceSuggestionsTable {
  id: string;
  sequence: Sequence;
  user_id: string;
  outcome: "rebalance" | "hold";
  /** Basis points per protocol; they sum to 10,000. */
  allocation_bp: Json<Record<string, number>>;
  /** The answer as it was given. */
  answer: Json<unknown>;
  created_at: Timestamp;
}
