/** Something that somebody is told of by mail. Stored as it was told: numbers and names, no sentences. */
export type Alert =
  | {
      readonly kind: "risk_above_threshold";
      readonly protocol: string;
      /** 0 to 100. */
      readonly risk_score: number;
      readonly threshold: number;
      /** The day that the score is of, ISO 8601. */
      readonly as_of: string;
      readonly figures: AlertFigures;
    }
  | {
      readonly kind: "risk_forecast_above_threshold";
      readonly protocol: string;
      readonly risk_score: number;
      readonly current_risk_score: number;
      readonly threshold: number;
      readonly target_at: string;
      readonly record: AlertRecord;
      readonly figures: AlertFigures;
    }
  | {
      readonly kind: "yield_forecast_below_threshold";
      readonly protocol: string;
      /** Forecast mean until `target_at`, percent. */
      readonly apy: number;
      readonly current_apy: number;
      readonly threshold: number;
      readonly target_at: string;
      readonly record: AlertRecord;
      readonly figures: AlertFigures;
    }
  | {
      readonly kind: "illiquidity_above_threshold";
      readonly protocol: string;
      /** Of the market. */
      readonly symbol: string;
      readonly probability_percent: number;
      readonly threshold: number;
      /** The last day that the probability is about. */
      readonly until: string;
      readonly record: AlertRecord;
      readonly figures: AlertFigures;
    }
  | {
      readonly kind: "protocol_status";
      readonly protocol: string;
      readonly status: "paused" | "exploited";
      /** Where it can be checked. */
      readonly evidence_url: string | null;
    }
  | {
      readonly kind: "suggestion";
      readonly suggestion_id: string;
      /** Of the protocols whose share would change; percent. */
      readonly moves: readonly {
        readonly protocol: string;
        readonly from_percent: number;
        readonly to_percent: number;
      }[];
      readonly record: AlertRecord;
      readonly figures: AlertFigures;
    }
  | {
      readonly kind: "transaction_failed";
      readonly tx_hash: string;
      readonly tx_type: string;
      /** `not_found`: the chain has not had it for seven days. */
      readonly status: "failed" | "not_found";
    }
  | {
      readonly kind: "webhook_disabled";
      readonly webhook_id: string;
      readonly reason: "failing" | "gone";
    };

/** What kind of figures an alert rests on. */
export interface AlertFigures {
  /** They are made up for demonstration. */
  readonly simulated: boolean;
  /** They are history of a file, as of its last day. */
  readonly replay: boolean;
}

/** How often what an alert rests on was right so far. */
export interface AlertRecord {
  /** Forecasts of the same kind whose outcome is known. */
  readonly matured: number;
  /** How many of them came true. */
  readonly right: number;
}

/** Whether an alert is mailed at once even to somebody who has the mail of the day. */
export function isUrgent({ kind }: Alert): boolean {
  return kind === "protocol_status" || kind === "transaction_failed";
}
