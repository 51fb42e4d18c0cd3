import type { Database } from "@obsqra/db";
import { staleDays } from "@obsqra/ml";
import { getMarketOverview } from "../analytics/dashboard.service.ts";
import type { Alert, AlertFigures } from "../mail/alert.ts";
import { findImport, isMarketFile } from "../market/market.service.ts";
import { getProtocolStatuses } from "../market/protocol-statuses.service.ts";
import { getSuggestionAsGiven } from "../predictions/advice/suggestions.service.ts";
import {
  getIlliquidityForecastsOf,
  getProtocolForecastsOf,
  type IlliquidityForecast,
  type ProtocolForecast,
} from "../predictions/forecasts/forecasts-of-run.service.ts";
import { getForecastRecord } from "../predictions/track-record/alert-records.service.ts";
import { getLoggedTransaction } from "../transactions/transactions.service.ts";
import type { AlertCause } from "./alert-cause.ts";
import type { Figure } from "./threshold-alerts.ts";

/** What reading what alerts tell uses. */
export interface FiguresDependencies {
  readonly db: Database;
  readonly clock: () => Date;
  readonly marketSource: string;
}

/** The risk of protocols as it was observed. */
interface ObservedRisk extends Figure {
  readonly as_of: string;
}

/** What a cause has to tell, whomever it concerns. */
export type ToldFigures =
  | {
      readonly kind: "observed";
      readonly figures: readonly ObservedRisk[];
      readonly basis: AlertFigures;
    }
  | {
      /** `forecast` is of risk. */
      readonly kind: "forecast" | "yield";
      readonly figures: readonly ProtocolForecast[];
      readonly basis: AlertFigures;
    }
  | {
      readonly kind: "illiquidity";
      readonly figures: readonly IlliquidityForecast[];
      readonly basis: AlertFigures;
    }
  /** Everybody whom it concerns is told the same. `protocol` is what it is about; null where it is about its owner. */
  | {
      readonly kind: "same";
      readonly fact: string;
      readonly protocol: string | null;
      readonly alert: Alert;
    };

const dayMs = 86_400_000;

/** Reads what a cause has to tell, as it is now; nothing when, say, a status has changed since. */
export async function readFigures(
  deps: FiguresDependencies,
  cause: AlertCause,
  ownerId: string | null,
): Promise<readonly ToldFigures[]> {
  switch (cause.kind) {
    case "market_data":
      return [await readObserved(deps)];
    case "risk_forecasts": {
      const basis = await readBasis(deps);
      return [
        { kind: "forecast", figures: await getProtocolForecastsOf(deps, { ...cause, kind: "risk" }), basis },
        { kind: "illiquidity", figures: await getIlliquidityForecastsOf(deps, cause), basis },
      ];
    }
    case "yield_forecasts": {
      const figures = await getProtocolForecastsOf(deps, { ...cause, kind: "yield" });
      return [{ kind: "yield", figures, basis: await readBasis(deps) }];
    }
    default: {
      const same = await readSame(deps, cause, ownerId);
      return same === undefined ? [] : [same];
    }
  }
}

async function readBasis(deps: FiguresDependencies): Promise<AlertFigures> {
  const simulated = (await findImport(deps, deps.marketSource))?.simulated ?? false;
  return { simulated, replay: isMarketFile(deps.marketSource) };
}

type ForecastCause = "market_data" | "risk_forecasts" | "yield_forecasts";

/** @returns undefined when there is nothing to tell any more */
async function readSame(
  deps: FiguresDependencies,
  cause: Exclude<AlertCause, { readonly kind: ForecastCause }>,
  ownerId: string | null,
): Promise<ToldFigures | undefined> {
  switch (cause.kind) {
    case "protocol_status": {
      const { protocol, status, decision_id } = cause;
      const now = (await getProtocolStatuses(deps)).find(({ name }) => name === protocol);
      if (now?.status !== status) return undefined;
      const { evidence_url } = now;
      const alert: Alert = { kind: "protocol_status", protocol, status, evidence_url };
      return { kind: "same", fact: `protocol_status ${decision_id}`, protocol, alert };
    }
    case "suggestion":
      return ownerId === null ? undefined : readSuggestion(deps, cause.suggestion_id, ownerId);
    case "transaction": {
      const { transaction_id: id, status } = cause;
      const logged =
        ownerId === null ? undefined : await getLoggedTransaction(deps, { id, owner_id: ownerId });
      if (logged === undefined) return undefined;
      const alert: Alert = { kind: "transaction_failed", ...logged, status };
      return { kind: "same", fact: `transaction ${id} ${status}`, protocol: null, alert };
    }
    case "webhook": {
      const { webhook_id, reason, event_id } = cause;
      const alert: Alert = { kind: "webhook_disabled", webhook_id, reason };
      return { kind: "same", fact: `webhook ${event_id}`, protocol: null, alert };
    }
    default:
      return cause satisfies never;
  }
}

/** The scores that the dashboard shows, of protocols that were observed lately. */
async function readObserved(deps: FiguresDependencies): Promise<ToldFigures> {
  const { period, data_source, protocols } = await getMarketOverview(deps, { days: 1 });
  const oldest = new Date(new Date(period.to ?? 0).getTime() - staleDays * dayMs).toISOString();
  const figures = protocols.flatMap(({ protocol, as_of, risk_score }) =>
    as_of === null || as_of < oldest || risk_score === null ? [] : [{ protocol, as_of, value: risk_score }],
  );
  const { simulated, replay } = data_source;
  return { kind: "observed", figures, basis: { simulated, replay } };
}

async function readSuggestion(
  deps: FiguresDependencies,
  suggestion_id: string,
  owner_id: string,
): Promise<ToldFigures | undefined> {
  const suggestion = await getSuggestionAsGiven(deps, { id: suggestion_id, owner_id });
  if (suggestion === undefined) return undefined;
  const { shares, data_source } = suggestion;
  const moves = shares
    .filter(({ percent, current_percent }) => percent !== current_percent)
    .map(({ protocol, percent, current_percent }) => ({
      protocol,
      from_percent: current_percent,
      to_percent: percent,
    }));
  const record = await getForecastRecord(deps);
  const { simulated, replay } = data_source;
  const figures = { simulated, replay };
  const alert: Alert = { kind: "suggestion", suggestion_id, moves, record, figures };
  return { kind: "same", fact: `suggestion ${suggestion_id}`, protocol: null, alert };
}
