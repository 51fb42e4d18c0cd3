import { AsyncLocalStorage } from "node:async_hooks";
import type { ConnectionCounts, StatementListener } from "@obsqra/db";
import type { CallMeter } from "@obsqra/platform";
import {
  Counter,
  collectDefaultMetrics,
  Gauge,
  Histogram,
  type MetricObjectWithValues,
  type MetricValue,
  Registry,
} from "prom-client";
import { describeCallError } from "./describe-call-error.ts";

/** What operators watch of a process, in the format of Prometheus. */
export interface Metrics {
  readonly calls: CallMeter;
  readonly statements: StatementListener;
  /** A run of a job in this process. */
  readonly onJobRun: (run: { job: string; milliseconds: number; succeeded: boolean }) => void;
  /** A response of the server, whatever it was to. */
  readonly onResponse: (status: number) => void;
  /** Shows the connections to Postgres. */
  watchConnections(counts: () => ConnectionCounts): void;
  /** Has something done before the metrics are read, such as asking the database for more of them. */
  beforeReading(refresh: (registry: Registry) => Promise<void>): void;
  /** For another process, which puts them together with its own. */
  values(): Promise<MetricObjectWithValues<MetricValue<string>>[]>;
  text(): Promise<string>;
}

/** Seconds; from a look-up in memory to what a caller gives up on. */
const durationBuckets = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

const outcomes = ["ok", "refused", "failed"] as const;

/** What a procedure has cost so far. */
interface ProcedureTotals extends CallCost {
  readonly outcomes: Record<(typeof outcomes)[number], number>;
  readonly observe: (seconds: number) => void;
}

/** What is asked of the database. */
interface CallCost {
  statements: number;
  databaseMs: number;
  waitedMs: number;
}

/**
 * Counts and measures. On the way of a call these are additions to plain numbers; the rest is done when somebody reads. Labels are names of
 * procedures, jobs and error codes, never anything of a caller, so that there are as many series as the contract is large.
 */
export function createMetrics(): Metrics {
  const registry = new Registry();
  const registers = [registry];
  const refreshes: ((registry: Registry) => Promise<void>)[] = [];
  collectDefaultMetrics({ register: registry });
  const procedures = new Map<string, ProcedureTotals>();
  const errors = new Map<string, number>();
  const responses = new Map<string, number>();
  const background: CallCost = { statements: 0, databaseMs: 0, waitedMs: 0 };
  const scope = new AsyncLocalStorage<CallCost>();

  const durations = new Histogram({
    name: "obsqra_procedure_duration_seconds",
    help: "How long calls took, their wait for a turn included. A subscription is over once it is open.",
    labelNames: ["procedure"],
    buckets: durationBuckets,
    registers,
  });
  const jobSeconds = new Histogram({
    name: "obsqra_job_run_duration_seconds",
    help: "How long runs of jobs took in this process.",
    labelNames: ["job_name"],
    buckets: [0.01, 0.1, 1, 10, 60, 600],
    registers,
  });
  const jobRuns = new Counter({
    name: "obsqra_job_runs_total",
    help: "Runs of jobs that ended in this process, by result: succeeded or failed. A run that is repeated counts each time.",
    labelNames: ["job_name", "result"],
    registers,
  });
  /** A counter whose values are kept elsewhere. */
  const counter = (
    name: string,
    help: string,
    labelNames: string[],
    read: () => Iterable<[string[], number]>,
  ) =>
    new Counter({
      name,
      help,
      labelNames,
      registers,
      collect() {
        this.reset();
        for (const [labels, value] of read()) this.labels(...labels).inc(value);
      },
    });
  const ofProcedures = (read: (totals: ProcedureTotals) => number) => () =>
    [...procedures].map(([name, totals]): [string[], number] => [[name], read(totals)]);
  const ofMap = (map: ReadonlyMap<string, number>) => () =>
    [...map].map(([label, count]): [string[], number] => [[label], count]);

  counter(
    "obsqra_procedure_calls_total",
    "Calls by how they ended: ok, refused (the caller's doing, status 4xx) or failed (ours, status 5xx).",
    ["procedure", "outcome"],
    () =>
      [...procedures].flatMap(([name, totals]) =>
        outcomes.map((outcome): [string[], number] => [[name, outcome], totals.outcomes[outcome]]),
      ),
  );
  counter(
    "obsqra_procedure_statements_total",
    "Statements that calls had the database run.",
    ["procedure"],
    ofProcedures(({ statements }) => statements),
  );
  counter(
    "obsqra_procedure_database_seconds_total",
    "Time that calls waited for their statements.",
    ["procedure"],
    ofProcedures(({ databaseMs }) => databaseMs / 1_000),
  );
  counter(
    "obsqra_procedure_connection_wait_seconds_total",
    "Time that calls waited for a connection to the database.",
    ["procedure"],
    ofProcedures(({ waitedMs }) => waitedMs / 1_000),
  );
  counter("obsqra_background_statements_total", "Statements of everything but calls.", [], () => [
    [[], background.statements],
  ]);
  counter("obsqra_errors_total", "Calls that ended with an error, by its code.", ["code"], ofMap(errors));
  counter("obsqra_http_responses_total", "Responses of all kinds, by status.", ["status"], ofMap(responses));

  const begin = (path: string): ProcedureTotals => {
    const bound = durations.labels(path);
    const totals = {
      statements: 0,
      databaseMs: 0,
      waitedMs: 0,
      outcomes: { ok: 0, refused: 0, failed: 0 },
      observe: (seconds: number) => bound.observe(seconds),
    };
    procedures.set(path, totals);
    return totals;
  };
  const count = (map: Map<string, number>, key: string) => map.set(key, (map.get(key) ?? 0) + 1);
  const refresh = () => Promise.all(refreshes.map((each) => each(registry)));
  return {
    calls: {
      measure: async (path, call) => {
        const totals = procedures.get(path) ?? begin(path);
        const began = performance.now();
        try {
          const result = await scope.run(totals, call);
          totals.outcomes.ok += 1;
          return result;
        } catch (error) {
          const { code, isOurs } = describeCallError(error);
          totals.outcomes[isOurs ? "failed" : "refused"] += 1;
          count(errors, code);
          throw error;
        } finally {
          totals.observe((performance.now() - began) / 1_000);
        }
      },
    },
    statements: {
      onStatement: (milliseconds) => {
        const cost = scope.getStore() ?? background;
        cost.statements += 1;
        cost.databaseMs += milliseconds;
      },
      onConnection: (milliseconds) => {
        (scope.getStore() ?? background).waitedMs += milliseconds;
      },
    },
    onJobRun: ({ job, milliseconds, succeeded }) => {
      jobSeconds.labels(job).observe(milliseconds / 1_000);
      jobRuns.labels(job, succeeded ? "succeeded" : "failed").inc();
    },
    onResponse: (status) => void count(responses, String(status)),
    watchConnections: (counts) => {
      new Gauge({
        name: "obsqra_database_connections",
        help: "Connections of this process to Postgres: open, idle, and callers that wait for one.",
        labelNames: ["state"],
        registers,
        collect() {
          for (const [state, value] of Object.entries(counts())) this.labels(state).set(value);
        },
      });
    },
    beforeReading: (read) => void refreshes.push(read),
    values: async () => {
      await refresh();
      return registry.getMetricsAsJSON();
    },
    text: async () => {
      await refresh();
      return registry.metrics();
    },
  };
}
