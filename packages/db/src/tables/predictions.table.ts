import type { ColumnType, GeneratedAlways } from "kysely";
import type { Json, Sequence, Timestamp } from "./column-types.ts";

type ForecastKind = "risk" | "yield";

/** Immutable, content-addressed model files; that of a model that was never live may go. */
export interface ModelsTable {
  version: string;
  kind: ForecastKind;
  horizon_days: number;
  algorithm: string;
  served_by: "model" | "baseline";
  parameters: Json<unknown>;
  metrics: Json<unknown>;
  training_data_sha256: string;
  /** Null once the file of a model that was never promoted is dropped. */
  artefact: ColumnType<Uint8Array | null, Uint8Array, Uint8Array | null>;
  artefact_sha256: string;
  /** Of everything that is stated of the model; null in rows from before migration 0013, and of servers older than it. */
  manifest_sha256: string | null;
  created_at: Timestamp;
}

/** Which model is live from when on: the newest row of a kind and source. */
export interface ModelPromotionsTable {
  id: string;
  sequence: Sequence;
  kind: ForecastKind;
  source: string;
  version: string;
  /** The newest history at that time. */
  import_id: string;
  promoted_at: Timestamp;
  /** Null only in rows that a server older than migration 0002 wrote. */
  decision_id: string | null;
}

/** What was decided about each trained model, promoted or not, and what it was compared with. */
export interface ModelDecisionsTable {
  id: string;
  sequence: Sequence;
  kind: ForecastKind;
  source: string;
  horizon_days: number;
  /** The model that was decided about. */
  challenger_version: string;
  /** The model that was live until then; null when there was none. */
  champion_version: string | null;
  outcome: "promoted" | "rejected" | "rolled_back";
  reason: string;
  /** Forecasts that both were compared on, and their mean absolute errors there; null where nothing was compared. */
  n: number;
  challenger_mae: number | null;
  champion_mae: number | null;
  baseline_mae: number | null;
  /** The newest history at that time, from which the live model has forecast. */
  import_id: string;
  decided_at: Timestamp;
}

/** Which model has forecast from which import. */
export interface ForecastRunsTable {
  id: string;
  sequence: Sequence;
  kind: ForecastKind;
  source: string;
  model_version: string;
  import_id: string;
  /** How many forecasts it made. */
  forecasts: number;
  /** Of the market data that was forecast from; null for runs of versions that did not keep it. */
  panel_sha256: string | null;
  /** The artefact that names its parts; null where the operator does not publish data. */
  snapshot_sha256: string | null;
  /** Of the arithmetic, `forecastRevision` of ml; null for runs of versions before there was one. */
  revision: number | null;
  created_at: Timestamp;
}

/** Files that forecasts were made from, published by their hashes, append-only. */
export interface ArtefactsTable {
  /** Of the content before it was compressed, in hex. */
  sha256: string;
  gzip: Uint8Array;
  created_at: Timestamp;
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
  /** The import that it was made from; null in rows from before migration 0018, and of servers older than it. */
  import_id: string | null;
  /** Whether the track record counts it: the first forecast of its market, day and target, unless it was stale. */
  on_record: ColumnType<boolean, boolean | undefined, never>;
  /** The outcome, once it is known. */
  actual_value: number | null;
  actual_at: Timestamp | null;
  /** The import that the outcome was read from; null like `import_id`. */
  actual_import_id: string | null;
  /** When the wait for an outcome was given up, because the source has not observed it. */
  closed_at: Timestamp | null;
}

export interface RebalanceSuggestionsTable {
  id: string;
  sequence: Sequence;
  owner_id: string;
  outcome: "rebalance" | "hold";
  /** Basis points per protocol; they sum to 10,000. */
  allocation_bp: Json<Record<string, number>>;
  /** The suggestion as it was given. */
  answer: Json<unknown>;
  /** Of the answer as JSON text. */
  answer_bytes: GeneratedAlways<number>;
  created_at: Timestamp;
  /** The last day of its horizon; null in rows of versions that did not say what was to be followed. */
  due_at: Timestamp | null;
  /** When what came of it was settled, or there was nothing to settle. */
  scored_at: Timestamp | null;
}

/** What came of suggestions, with nothing that leads to whom they were made for. */
export interface SuggestionRecordTable {
  /** Random. */
  id: GeneratedAlways<string>;
  source: string;
  /** The day on which it was made, and no closer moment. */
  made_on: Timestamp;
  as_of: Timestamp;
  target_at: Timestamp;
  horizon_days: number;
  /** Null, like `size_class`, where too few owners were alike in both on that day. */
  risk_tolerance: "low" | "medium" | "high" | null;
  size_class: SizeClass | null;
  outcome: "rebalance" | "hold";
  forced: boolean;
  expected_improvement: number;
  interval_level: number | null;
  interval_lower: number | null;
  interval_upper: number | null;
  confidence: number;
  /** Percent a year of what was held, and of the target net of costs; null where the source did not observe it. */
  held_apy: number | null;
  followed_apy: number | null;
  recorded_at: Timestamp;
}

/** How much a portfolio is worth, US dollars. */
type SizeClass = "not_stated" | "below_1000" | "from_1000" | "from_10000" | "from_100000" | "from_1000000";

/** When an owner's holdings were checked last. */
export interface RebalanceChecksTable {
  owner_id: string;
  /** The history behind the forecasts that they were checked against. */
  import_id: string;
  checked_at: Timestamp;
  /** What the owner was told last without having asked; null when that was nothing. */
  suggestion_id: string | null;
  suggested_at: Timestamp | null;
}
