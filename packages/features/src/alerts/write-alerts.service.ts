import { readPreferences } from "@obsqra/contract";
import type { Database, DatabaseTransaction } from "@obsqra/db";
import { type Event, readEvents } from "@obsqra/platform";
import { isUrgent } from "../mail/alert.ts";
import { type EmailDependencies, insertMails, prepareEmail } from "../mail/outbox.service.ts";
import { getThresholdRecords } from "../predictions/track-record/alert-records.service.ts";
import { alertCause, toAlertCause } from "./alert-cause.ts";
import {
  type AlertTaskRow,
  advanceTask,
  deleteTask,
  findNextTask,
  insertTasks,
  lockTask,
} from "./alert-tasks.queries.ts";
import { deleteRiskAlerts, insertAlerts, upsertRiskAlerts } from "./alerts.queries.ts";
import {
  type AlertRecords,
  type ChoosingOwner,
  decideAlerts,
  type OwnersAlerts,
  thresholdFor,
} from "./decide-alerts.ts";
import { listRecipients, type RecipientRow } from "./recipients.queries.ts";
import { thresholdRules } from "./threshold-alerts.ts";
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
  { id, figures }: { readonly id: string; readonly figures: readonly ToldFigures[] },
): Promise<{ alerts: number; isDone: boolean } | undefined> {
  const task = await lockTask(trx, id);
  if (task === undefined) return undefined;
  const recipients =
    figures.length === 0
      ? []
      : await listRecipients(trx, {
          source: deps.marketSource,
          ownerId: task.owner_id,
          protocols: protocolsOf(figures),
          after: task.after_owner_id,
          limit: ownersAtOnce,
        });
  const alerts = await tell(deps, trx, { figures, recipients });
  const last = recipients.at(-1);
  const isDone = last === undefined || recipients.length < ownersAtOnce;
  if (isDone) await deleteTask(trx, id);
  else await advanceTask(trx, { id, after_owner_id: last.id });
  return { alerts, isDone };
}

/** Whoever neither holds nor prefers one of these is not concerned; undefined where that is not what decides. */
function protocolsOf(told: readonly ToldFigures[]): readonly string[] | undefined {
  const protocols = new Set<string>();
  for (const figures of told) {
    if (figures.kind !== "same") for (const { protocol } of figures.figures) protocols.add(protocol);
    else if (figures.protocol === null) return undefined;
    else protocols.add(figures.protocol);
  }
  return [...protocols];
}

/** What an owner is told, of all figures together: one mail has it. */
interface ToldOwner extends ChoosingOwner, OwnersAlerts {}

/** Writes the alerts of a page of owners, with their mails. @returns how many alerts there were */
async function tell(
  deps: AlertDependencies,
  trx: DatabaseTransaction,
  {
    figures,
    recipients,
  }: { readonly figures: readonly ToldFigures[]; readonly recipients: readonly RecipientRow[] },
): Promise<number> {
  const owners = recipients
    .map((owner) => ({ owner, preferences: readPreferences(owner.preferences) }))
    .filter(({ preferences }) => preferences.email_alerts_enabled);
  const source = deps.marketSource;
  const decisions = await Promise.all(
    figures.map(async (each) => {
      const records = await readRecords({ ...deps, db: trx }, each, owners);
      return owners.map((owner) => decideAlerts(each, owner, { source, records }));
    }),
  );
  const told = owners.map((owner, index): ToldOwner => {
    const own = decisions.flatMap((of) => of[index] ?? []);
    return {
      ...owner,
      alerts: own.flatMap(({ alerts }) => alerts),
      risen: own.flatMap(({ risen }) => risen),
      fallen: own.flatMap(({ fallen }) => fallen),
    };
  });
  const now = deps.clock();
  const fallen = told.flatMap((each) => each.fallen);
  if (fallen.length > 0) await deleteRiskAlerts(trx, fallen);
  const risen = told.flatMap((each) => each.risen.map((risk) => ({ ...risk, told_at: now })));
  if (risen.length > 0) await upsertRiskAlerts(trx, risen);
  return storeAlerts(deps, trx, told);
}

/** How often alerts on forecasts of a kind were right so far, by the owners' thresholds. */
async function readRecords(
  deps: AlertDependencies,
  told: ToldFigures,
  owners: readonly ChoosingOwner[],
): Promise<AlertRecords> {
  if (told.kind === "same" || told.kind === "observed") return new Map();
  const { kind, figures } = told;
  const { isBeyond } = thresholdRules[kind];
  const thresholds = owners
    .map(({ preferences }) => thresholdFor(kind, preferences))
    // Nobody asks about the others.
    .filter((threshold) => figures.some(({ value }) => isBeyond(value, threshold)));
  return getThresholdRecords(deps, kind, thresholds);
}

/** Stores alerts that were not told before, and hands in a mail to each owner who is to hear of them at once. */
async function storeAlerts(
  deps: AlertDependencies,
  trx: DatabaseTransaction,
  told: readonly ToldOwner[],
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
    const about = owner.organisation === null ? {} : { organisation: owner.organisation };
    const email = { template: "alerts", to: owner.email, alerts, unsubscription, ...about } as const;
    return [{ ...prepareEmail(deps, owner.id, email), id }];
  });
  if (mails.length > 0) await insertMails(trx, mails);
  return news.length;
}
