import { type Preferences, readPreferences } from "@obsqra/contract";
import type { Database, DatabaseTransaction } from "@obsqra/db";
import { type Event, readEvents } from "@obsqra/platform";
import type { Alert, AlertRecord } from "../mail/alert.ts";
import { isUrgent } from "../mail/alert.ts";
import { type EmailDependencies, insertMails, prepareEmail } from "../mail/outbox.service.ts";
import { getRiseRecords } from "../predictions/track-record/alert-records.service.ts";
import { alertCause, toAlertCause } from "./alert-cause.ts";
import {
  type AlertTaskRow,
  advanceTask,
  deleteTask,
  findNextTask,
  insertTasks,
  lockTask,
} from "./alert-tasks.queries.ts";
import { deleteRiskAlerts, insertAlerts, type RiskAlertKey, upsertRiskAlerts } from "./alerts.queries.ts";
import { listRecipients, type RecipientRow } from "./recipients.queries.ts";
import { decideRisk, watchedBy } from "./risk-alerts.ts";
import { readFigures, type ToldFigures } from "./told-figures.service.ts";
import { sealUnsubscription } from "./unsubscription.ts";

/** What writing alerts uses. */
export interface AlertDependencies extends EmailDependencies {
  readonly db: Database;
  readonly marketSource: string;
}

/** What a round has come to. */
export interface AlertsWritten {
  /** Events that were looked at. */
  readonly events: number;
  /** Alerts that were mailed, or wait for the mail of the day. */
  readonly alerts: number;
}

const ownersAtOnce = 200;

/**
 * Mails what has happened to those whom it concerns, as their preferences say. What there is to tell it reads from the events, with a
 * durable position, and works it off page by page, each page in one transaction with its mails: wherever it is interrupted, the next
 * round goes on, and nobody is told twice. Several processes may do so at once; one works on each event.
 *
 * @throws DatabaseUnavailableError
 */
export async function writeAlerts(deps: AlertDependencies, signal: AbortSignal): Promise<AlertsWritten> {
  let [events, alerts] = [0, 0];
  for (let count = eventsAtOnce; count === eventsAtOnce && !signal.aborted; events += count) {
    count = await readEvents(deps, { name: "alerts", limit: eventsAtOnce, handle: keepTasks(deps) });
  }
  while (!signal.aborted) {
    const task = await findNextTask(deps.db);
    const written = task && (await workOff(deps, task, signal));
    if (written === undefined) break;
    alerts += written;
  }
  return { events, alerts };
}

const eventsAtOnce = 500;

function keepTasks({ clock, marketSource }: AlertDependencies) {
  return async (trx: DatabaseTransaction, events: readonly Event[]): Promise<void> => {
    const rows = events.flatMap((event) => {
      const cause = toAlertCause(event, marketSource);
      if (cause === undefined) return [];
      const { id, owner_id } = event;
      return [{ id, owner_id, cause: JSON.stringify(cause), after_owner_id: null, created_at: clock() }];
    });
    if (rows.length > 0) await insertTasks(trx, rows);
  };
}

/** @returns how many alerts were written; undefined when another process works on the task */
async function workOff(
  deps: AlertDependencies,
  { id, cause, owner_id }: AlertTaskRow,
  signal: AbortSignal,
): Promise<number | undefined> {
  const figures = await readFigures(deps, alertCause.parse(cause), owner_id);
  let alerts = 0;
  for (let isDone = false; !isDone && !signal.aborted; ) {
    const page = await deps.db.transaction().execute((trx) => workOffPage(deps, trx, { id, figures }));
    if (page === undefined) return undefined;
    alerts += page.alerts;
    isDone = page.isDone;
  }
  return alerts;
}

async function workOffPage(
  deps: AlertDependencies,
  trx: DatabaseTransaction,
  { id, figures }: { readonly id: string; readonly figures: ToldFigures | undefined },
): Promise<{ alerts: number; isDone: boolean } | undefined> {
  const task = await lockTask(trx, id);
  if (task === undefined) return undefined;
  const recipients =
    figures === undefined
      ? []
      : await listRecipients(trx, {
          source: deps.marketSource,
          ownerId: task.owner_id,
          protocols: protocolsOf(figures),
          after: task.after_owner_id,
          limit: ownersAtOnce,
        });
  const alerts = figures === undefined ? 0 : await tell(deps, trx, { figures, recipients });
  const last = recipients.at(-1);
  const isDone = last === undefined || recipients.length < ownersAtOnce;
  if (isDone) await deleteTask(trx, id);
  else await advanceTask(trx, { id, after_owner_id: last.id });
  return { alerts, isDone };
}

/** Whoever neither holds nor prefers one of these is not concerned; undefined where that is not what decides. */
function protocolsOf(figures: ToldFigures): readonly string[] | undefined {
  if (figures.kind !== "same") return figures.figures.map(({ protocol }) => protocol);
  return figures.protocol === null ? undefined : [figures.protocol];
}

/** What an owner is told, each with the fact that it is told once. */
interface OwnersAlerts {
  readonly owner: RecipientRow;
  readonly preferences: Preferences;
  readonly alerts: readonly { readonly fact: string; readonly alert: Alert }[];
  readonly risen: readonly (RiskAlertKey & { readonly threshold: number })[];
  readonly fallen: readonly RiskAlertKey[];
}

/** Writes the alerts of a page of owners, with their mails. @returns how many alerts there were */
async function tell(
  deps: AlertDependencies,
  trx: DatabaseTransaction,
  { figures, recipients }: { readonly figures: ToldFigures; readonly recipients: readonly RecipientRow[] },
): Promise<number> {
  const owners = recipients
    .map((owner) => ({ owner, preferences: readPreferences(owner.preferences) }))
    .filter(({ preferences }) => preferences.email_alerts_enabled);
  const records =
    figures.kind === "forecast"
      ? await getRiseRecords(
          { ...deps, db: trx },
          owners.map(({ preferences }) => preferences.risk_alert_threshold),
        )
      : new Map<number, AlertRecord>();
  const told = owners.map((each) => ({ ...each, ...decide(deps, each, { figures, records }) }));
  const now = deps.clock();
  const fallen = told.flatMap((each) => each.fallen);
  if (fallen.length > 0) await deleteRiskAlerts(trx, fallen);
  const risen = told.flatMap((each) => each.risen.map((risk) => ({ ...risk, told_at: now })));
  if (risen.length > 0) await upsertRiskAlerts(trx, risen);
  return storeAlerts(deps, trx, told);
}

/** Stores alerts that were not told before, and hands in a mail to each owner who is to hear of them at once. */
async function storeAlerts(
  deps: AlertDependencies,
  trx: DatabaseTransaction,
  told: readonly OwnersAlerts[],
): Promise<number> {
  const now = deps.clock();
  const rows = told.flatMap(({ owner, preferences, alerts }) => {
    const mailId = deps.createId();
    return alerts.map(({ fact, alert }) => {
      const waits = preferences.email_digest_enabled && !isUrgent(alert);
      const mail_id = waits ? null : mailId;
      const row = { id: deps.createId(), owner_id: owner.id, fact, created_at: now, waits, mail_id };
      return { owner, alert, row };
    });
  });
  if (rows.length === 0) return 0;
  const stored = await insertAlerts(
    trx,
    rows.map(({ row, alert }) => ({ ...row, alert: JSON.stringify(alert) })),
  );
  const storedIds = new Set(stored.map(({ id }) => id));
  const news = rows.filter(({ row }) => storedIds.has(row.id));
  const byMail = Map.groupBy(news, ({ row }) => row.mail_id);
  const mails = [...byMail].flatMap(([id, [first, ...others]]) => {
    if (id === null || first === undefined) return [];
    const { owner } = first;
    const alerts = [first, ...others].map(({ alert }) => alert);
    const unsubscription = sealUnsubscription(deps.sealer, owner.id);
    const email = { template: "alerts", to: owner.email, alerts, unsubscription } as const;
    return [{ ...prepareEmail(deps, owner.id, email), id }];
  });
  if (mails.length > 0) await insertMails(trx, mails);
  return news.length;
}

function decide(
  { marketSource: source }: AlertDependencies,
  { owner, preferences }: Pick<OwnersAlerts, "owner" | "preferences">,
  { figures, records }: { readonly figures: ToldFigures; readonly records: ReadonlyMap<number, AlertRecord> },
): Pick<OwnersAlerts, "alerts" | "risen" | "fallen"> {
  const { latest_allocation } = owner;
  const watched = watchedBy({ latest_allocation, preferred: preferences.preferred_protocols });
  if (figures.kind === "same") {
    const { fact, alert, protocol } = figures;
    const isConcerned = protocol === null || watched.has(protocol);
    return { alerts: isConcerned ? [{ fact, alert }] : [], risen: [], fallen: [] };
  }
  const { kind: basis, basis: restsOn } = figures;
  const threshold = preferences.risk_alert_threshold;
  const keyOf = (protocol: string) => ({ owner_id: owner.id, source, protocol, basis });
  const told = owner.told.filter((risk) => risk.basis === basis);
  const factOf = (protocol: string, day: string) =>
    `risk ${basis} ${source} ${protocol} above ${threshold} ${day.slice(0, 10)}`;
  if (basis === "observed") {
    const { rising, fallen } = decideRisk(
      figures.figures.filter(({ protocol }) => watched.has(protocol)),
      { threshold, told },
    );
    return {
      alerts: rising.map(({ protocol, risk_score, as_of }) => ({
        fact: factOf(protocol, as_of),
        alert: { kind: "risk_above_threshold", protocol, risk_score, threshold, as_of, figures: restsOn },
      })),
      risen: rising.map(({ protocol }) => ({ ...keyOf(protocol), threshold })),
      fallen: fallen.map(keyOf),
    };
  }
  const { rising, fallen } = decideRisk(
    // What is above it already is told as it was observed.
    figures.figures.filter(
      ({ protocol, current_risk_score }) => watched.has(protocol) && current_risk_score <= threshold,
    ),
    { threshold, told },
  );
  const record = records.get(threshold) ?? { matured: 0, right: 0 };
  return {
    alerts: rising.map(({ protocol, risk_score, current_risk_score, target_at }) => ({
      fact: factOf(protocol, target_at),
      alert: {
        kind: "risk_forecast_above_threshold",
        protocol,
        risk_score,
        current_risk_score,
        threshold,
        target_at,
        record,
        figures: restsOn,
      },
    })),
    risen: rising.map(({ protocol }) => ({ ...keyOf(protocol), threshold })),
    fallen: fallen.map(keyOf),
  };
}
