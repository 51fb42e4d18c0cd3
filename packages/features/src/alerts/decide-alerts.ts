import type { Preferences } from "@obsqra/contract";
import type { Alert, AlertRecord } from "../mail/alert.ts";
import type { RiskAlertKey } from "./alerts.queries.ts";
import type { RecipientRow, ToldThreshold } from "./recipients.queries.ts";
import { decideThreshold, type Figure, thresholdRules, watchedBy } from "./threshold-alerts.ts";
import type { ToldFigures } from "./told-figures.service.ts";

/** Somebody who gets alerts, and what they have chosen. */
export interface ChoosingOwner {
  readonly owner: RecipientRow;
  readonly preferences: Preferences;
}

/** What an owner is told, each with the fact that it is told once. */
export interface OwnersAlerts {
  readonly alerts: readonly { readonly fact: string; readonly alert: Alert }[];
  readonly risen: readonly (RiskAlertKey & { readonly threshold: number })[];
  readonly fallen: readonly RiskAlertKey[];
}

/** How often forecasts were right that said what an alert says, by threshold. */
export type AlertRecords = ReadonlyMap<number, AlertRecord>;

/** The threshold that decides about figures of a kind. */
export function thresholdFor(kind: ToldThreshold["basis"], preferences: Preferences): number {
  switch (kind) {
    case "observed":
    case "forecast":
      return preferences.risk_alert_threshold;
    case "yield":
      return preferences.yield_alert_threshold;
    case "illiquidity":
      return preferences.illiquidity_alert_threshold;
    default:
      return kind satisfies never;
  }
}

/** What an owner is told of figures, as the owner's preferences say. */
export function decideAlerts(
  figures: ToldFigures,
  { owner, preferences }: ChoosingOwner,
  { source, records }: { readonly source: string; readonly records: AlertRecords },
): OwnersAlerts {
  const { latest_allocation } = owner;
  const watched = watchedBy({ latest_allocation, preferred: preferences.preferred_protocols });
  if (figures.kind === "same") {
    const { fact, alert, protocol } = figures;
    const isConcerned = protocol === null || watched.has(protocol);
    return { alerts: isConcerned ? [{ fact, alert }] : [], risen: [], fallen: [] };
  }
  const { kind, basis: restsOn } = figures;
  const threshold = thresholdFor(kind, preferences);
  const record = records.get(threshold) ?? { matured: 0, right: 0 };
  const facts = { threshold, record, figures: restsOn };
  const cross = <TFigure extends Figure>(
    of: readonly TFigure[],
    tell: (figure: TFigure) => { readonly day: string; readonly alert: Alert },
  ): OwnersAlerts => {
    const told = owner.told.filter(({ basis }) => basis === kind);
    const mine = of.filter(({ protocol }) => watched.has(protocol));
    const { crossing, over } = decideThreshold(mine, { rule: thresholdRules[kind], threshold, told });
    const keyOf = (protocol: string) => ({ owner_id: owner.id, source, protocol, basis: kind });
    return {
      alerts: crossing.map((figure) => {
        const { day, alert } = tell(figure);
        return { fact: factOf(kind, { source, threshold, day, protocol: figure.protocol }), alert };
      }),
      risen: crossing.map(({ protocol }) => ({ ...keyOf(protocol), threshold })),
      fallen: over.map(keyOf),
    };
  };
  switch (kind) {
    case "observed":
      return cross(figures.figures, ({ protocol, value: risk_score, as_of }) => {
        const { record: _, ...stated } = facts;
        return {
          day: as_of,
          alert: { kind: "risk_above_threshold", protocol, risk_score, as_of, ...stated },
        };
      });
    case "forecast":
      return cross(
        // What is above it already is told as it was observed.
        figures.figures.filter(({ current_value }) => current_value <= threshold),
        ({ protocol, value: risk_score, current_value: current_risk_score, target_at }) => {
          const told = { protocol, risk_score, current_risk_score, target_at };
          return { day: target_at, alert: { kind: "risk_forecast_above_threshold", ...told, ...facts } };
        },
      );
    case "yield":
      return cross(figures.figures, ({ protocol, value: apy, current_value: current_apy, target_at }) => {
        const told = { protocol, apy, current_apy, target_at };
        return { day: target_at, alert: { kind: "yield_forecast_below_threshold", ...told, ...facts } };
      });
    case "illiquidity":
      return cross(figures.figures, ({ protocol, value, symbol, until }) => {
        const told = { protocol, symbol, probability_percent: value, until };
        return { day: until, alert: { kind: "illiquidity_above_threshold", ...told, ...facts } };
      });
    default:
      return figures satisfies never;
  }
}

interface FactParts {
  readonly source: string;
  readonly protocol: string;
  readonly threshold: number;
  /** ISO 8601. */
  readonly day: string;
}

/** As stored: the words of a kind never change, or what was told would be told again. */
function factOf(kind: ToldThreshold["basis"], { source, protocol, threshold, day }: FactParts): string {
  const words = kind === "observed" || kind === "forecast" ? `risk ${kind}` : kind;
  const side = kind === "yield" ? "below" : "above";
  return `${words} ${source} ${protocol} ${side} ${threshold} ${day.slice(0, 10)}`;
}
