import { type ApiDependencies, getRecentRecord } from "@obsqra/features";
import { Gauge, type Registry } from "prom-client";
import { type Findings, findDegraded, findHealth, type HealthParts, healthChecks } from "../health.ts";
import type { Metrics } from "./create-metrics.ts";
import { getServiceFigures, type ServiceFigures } from "./service-figures.ts";

/** So long what the database has said is shown again. */
const keptMs = { figures: 5_000, record: 60_000 } as const;
/** Whoever reads the metrics gives up after ten seconds, and then has none of them. */
const patienceMs = 5_000;

/** What is watched. */
export interface WatchedService {
  readonly api: ApiDependencies;
  readonly health: HealthParts;
}

/**
 * Shows, beside what this process does, how the service goes: what `/ready` and the tables say, which is the same in every process on one
 * database. It is read when somebody asks, and not more often than every five seconds. While it cannot be read, there are none of these
 * figures but `obsqra_service_figures_up 0`.
 */
export function watchService(metrics: Metrics, service: WatchedService): void {
  let gauges: Gauges | undefined;
  const figures = keep(keptMs.figures, async () => {
    const found = await findHealth(service.health);
    return {
      found,
      figures: found.checks.database === "up" ? await getServiceFigures(service.api) : undefined,
    };
  });
  const record = keep(keptMs.record, () => getRecentRecord(service.api));
  const read = async (show: Gauges) => {
    const known = await figures();
    showHealth(show, known.found);
    for (const { name: job_name, isOff } of service.api.jobs) {
      if (isOff === true) continue;
      show.jobFailed.set({ job_name }, Number(known.found.dead.includes(job_name)));
      show.jobLate.set({ job_name }, Number(known.found.late.includes(job_name)));
    }
    if (known.figures === undefined) return false;
    showFigures(show, known.figures);
    for (const { kind, granularity, ...row } of await record()) {
      const labels = { kind, granularity };
      show.recordScored.set(labels, row.scored);
      for (const [source, error] of [
        ["served", row.mae],
        ["baseline", row.baseline_mae],
      ] as const)
        if (error !== null) show.recordError.set({ ...labels, source }, error);
      if (row.coverage !== null) show.recordCoverage.set(labels, row.coverage);
      if (row.interval_level !== null) show.recordLevel.set(labels, row.interval_level);
    }
    return true;
  };
  metrics.beforeReading(async (registry) => {
    gauges ??= createGauges(registry);
    forget(gauges);
    const late = Promise.withResolvers<boolean>();
    const timer = setTimeout(() => late.resolve(false), patienceMs);
    const isRead = await Promise.race([read(gauges).catch(() => false), late.promise]);
    clearTimeout(timer);
    if (!isRead) forget(gauges);
    gauges.up.set(isRead ? 1 : 0);
  });
}

/** Asks once for all who ask at the same time, and shows it for a while to those who come later. */
function keep<TResult>(milliseconds: number, ask: () => Promise<TResult>): () => Promise<TResult> {
  let kept: { readonly until: number; readonly result: Promise<TResult> } | undefined;
  return () => {
    if (kept === undefined || kept.until < performance.now()) {
      const result = ask();
      kept = { until: performance.now() + milliseconds, result };
      // The next one asks again.
      result.catch(() => {
        kept = undefined;
      });
    }
    return kept.result;
  };
}

type Gauges = ReturnType<typeof createGauges>;

/** What is not known is not shown, not even as 0. */
function forget(gauges: Gauges): void {
  for (const gauge of Object.values(gauges)) {
    gauge.reset();
    // A gauge without labels is 0 then.
    if (gauge instanceof PlainGauge) gauge.remove();
  }
}

/** A gauge without labels. */
class PlainGauge extends Gauge<never> {}

function createGauges(registry: Registry) {
  const gauge = <TLabel extends string = never>(name: string, help: string, ...labelNames: TLabel[]) => {
    // Of several processes on one port, one shows them.
    const settings = { name, help, registers: [registry], aggregator: "first" as const };
    return labelNames.length === 0
      ? new PlainGauge(settings)
      : new Gauge<TLabel>({ ...settings, labelNames });
  };
  return {
    up: gauge("obsqra_service_figures_up", "Whether what the database says of the service could be read."),
    ready: gauge("obsqra_ready", "Whether /ready says that this process can do its work."),
    check: gauge("obsqra_check", "Whether a check of /ready finds nothing wrong.", "check"),
    observedUntil: gauge(
      "obsqra_market_observed_until_timestamp_seconds",
      "Moment of the newest observation that is served.",
    ),
    feedFailing: gauge(
      "obsqra_market_feed_failing",
      "Whether the market source cannot be loaded, or is refused.",
    ),
    quarantined: gauge("obsqra_market_quarantined_markets", "Markets of which nothing is taken for now."),
    eventsHeld: gauge(
      "obsqra_events_held_since_timestamp_seconds",
      "Since when events wait for a transaction that does not end; absent while none do.",
    ),
    jobFailed: gauge(
      "obsqra_job_failed",
      "Whether the newest run of a job has failed after all its repetitions.",
      "job_name",
    ),
    jobLate: gauge(
      "obsqra_job_late",
      "Whether a moment of a job has passed without anybody sending it.",
      "job_name",
    ),
    jobWaiting: gauge("obsqra_job_waiting", "Runs of a job that wait, or wait to be repeated.", "job_name"),
    jobWaitingSince: gauge(
      "obsqra_job_waiting_since_timestamp_seconds",
      "Since when the oldest run of a job could have begun; absent while none waits.",
      "job_name",
    ),
    jobSucceeded: gauge(
      "obsqra_job_succeeded_timestamp_seconds",
      "When the newest run of a job succeeded.",
      "job_name",
    ),
    modelTrained: gauge("obsqra_model_trained_timestamp_seconds", "When the live model was trained.", "kind"),
    recordScored: gauge(
      "obsqra_forecasts_scored_30d",
      "Forecasts on record whose days came within 30 days.",
      "kind",
      "granularity",
    ),
    recordError: gauge(
      "obsqra_forecast_error_30d",
      "Mean absolute error of these, and of the baseline for the same days.",
      "kind",
      "granularity",
      "source",
    ),
    recordCoverage: gauge(
      "obsqra_forecast_coverage_30d",
      "Share of the outcomes that were in the interval.",
      "kind",
      "granularity",
    ),
    recordLevel: gauge(
      "obsqra_forecast_interval_level_30d",
      "Share that the intervals promise.",
      "kind",
      "granularity",
    ),
    logEntries: gauge("obsqra_log_entries", "Entries of the transparency log."),
    logSigned: gauge(
      "obsqra_log_checkpoint_timestamp_seconds",
      "When the newest checkpoint of the transparency log was signed.",
    ),
    logAnchoredEntries: gauge(
      "obsqra_log_anchored_entries",
      "Entries of the largest tree of the transparency log that its contract on Starknet keeps.",
    ),
    logAnchored: gauge(
      "obsqra_log_anchored_timestamp_seconds",
      "When the block was made in which it came there.",
    ),
    webhooksPending: gauge(
      "obsqra_webhook_deliveries_pending",
      "Deliveries to webhooks that are still to be made.",
    ),
    webhooksDue: gauge(
      "obsqra_webhook_due_since_timestamp_seconds",
      "Since when the oldest delivery that is due has been; absent while none is.",
    ),
    webhooksEnded: gauge(
      "obsqra_webhook_deliveries_ended_1h",
      "Deliveries that ended within an hour: delivered, or dead when given up.",
      "status",
    ),
    webhooksFailing: gauge("obsqra_webhooks_failing", "Webhooks whose last attempt has failed."),
    mailWaiting: gauge("obsqra_mail_waiting", "Mails that are still to be sent."),
    mailSince: gauge(
      "obsqra_mail_waiting_since_timestamp_seconds",
      "Since when the oldest of them has waited; absent while none does.",
    ),
  };
}

function showHealth(gauges: Gauges, found: Findings): void {
  const degraded = new Set(findDegraded(found));
  gauges.ready.set(Number(found.isReady));
  for (const check of healthChecks) gauges.check.set({ check }, Number(!degraded.has(check)));
  if (found.feed?.observed_until != null)
    gauges.observedUntil.set(seconds(new Date(found.feed.observed_until)));
  if (found.feed !== undefined) {
    gauges.feedFailing.set(Number(found.feed.market_feed === "failed"));
    gauges.quarantined.set(found.feed.quarantined_markets.length);
  }
  if (found.eventsHeldSince !== undefined) gauges.eventsHeld.set(seconds(found.eventsHeldSince));
}

function showFigures(gauges: Gauges, figures: ServiceFigures): void {
  const { queues, models, log, anchored, deliveries, mail } = figures;
  for (const { job: job_name, waiting, waiting_since, succeeded_at } of queues) {
    gauges.jobWaiting.set({ job_name }, waiting);
    if (waiting_since !== null) gauges.jobWaitingSince.set({ job_name }, seconds(waiting_since));
    if (succeeded_at !== null) gauges.jobSucceeded.set({ job_name }, seconds(succeeded_at));
  }
  for (const { kind, trained_at } of models) gauges.modelTrained.set({ kind }, seconds(trained_at));
  gauges.logEntries.set(log.entries);
  if (log.signed_at !== undefined) gauges.logSigned.set(seconds(log.signed_at));
  if (anchored !== undefined) {
    gauges.logAnchoredEntries.set(anchored.size);
    gauges.logAnchored.set(seconds(anchored.anchored_at));
  }
  if (deliveries !== undefined) {
    gauges.webhooksPending.set(deliveries.pending);
    gauges.webhooksFailing.set(deliveries.failing_webhooks);
    gauges.webhooksEnded.set({ status: "delivered" }, deliveries.delivered_last_hour);
    gauges.webhooksEnded.set({ status: "dead" }, deliveries.dead_last_hour);
    if (deliveries.due_since !== null) gauges.webhooksDue.set(seconds(deliveries.due_since));
  }
  if (mail === undefined) return;
  gauges.mailWaiting.set(mail.waiting);
  if (mail.waiting_since !== null) gauges.mailSince.set(seconds(mail.waiting_since));
}

function seconds(moment: Date): number {
  return moment.getTime() / 1_000;
}
