import cluster, { type Worker } from "node:cluster";
import type { MetricObjectWithValues, MetricValue } from "prom-client";

type Values = MetricObjectWithValues<MetricValue<string>>[];

/** A process that has just started, or hangs, is left out after this time. */
const patienceMs = 3_000;

/** What the processes on one port say to each other about metrics. */
type Message =
  | { readonly metrics: "wanted"; readonly id: number }
  | { readonly metrics: "given"; readonly id: number; readonly values: Values }
  | { readonly metrics: "all wanted"; readonly id: number }
  | { readonly metrics: "all given"; readonly id: number; readonly text: string };

/**
 * In the process that watches over the others: puts their metrics together, counters and histograms as sums. Those that serve may ask for
 * them, too.
 *
 * @returns reads the metrics of all processes that respond in time
 */
export function gatherMetrics(): () => Promise<string> {
  const waiting = new Map<number, (worker: Worker, values: Values) => void>();
  let asked = 0;
  const text = async () => {
    const { AggregatorRegistry } = await import("prom-client");
    const workers = new Set(Object.values(cluster.workers ?? {}).filter((worker) => worker?.isConnected()));
    const given: Values[] = [];
    asked += 1;
    const id = asked;
    const all = Promise.withResolvers<void>();
    const timer = setTimeout(all.resolve, patienceMs);
    waiting.set(id, (worker, values) => {
      given.push(values);
      workers.delete(worker);
      if (workers.size === 0) all.resolve();
    });
    for (const worker of workers) worker?.send({ metrics: "wanted", id } satisfies Message, () => {});
    if (workers.size === 0) all.resolve();
    await all.promise;
    clearTimeout(timer);
    waiting.delete(id);
    return AggregatorRegistry.aggregate(given).metrics();
  };
  cluster.on("message", (worker, message: unknown) => {
    if (!isMessage(message)) return;
    if (message.metrics === "given") waiting.get(message.id)?.(worker, message.values);
    if (message.metrics !== "all wanted") return;
    const { id } = message;
    void text().then((all) =>
      worker.send({ metrics: "all given", id, text: all } satisfies Message, () => {}),
    );
  });
  return text;
}

/**
 * In one of the processes that serve: gives its metrics to the one that watches over it.
 *
 * @returns asks that one for the metrics of all
 */
export function shareMetrics(values: () => Promise<Values>): () => Promise<string> {
  const waiting = new Map<number, (text: string) => void>();
  let asked = 0;
  const tell = (message: Message) => void process.send?.(message, undefined, undefined, () => {});
  process.on("message", (message) => {
    if (!isMessage(message)) return;
    const { id } = message;
    if (message.metrics === "wanted")
      void values().then((mine) => tell({ metrics: "given", id, values: mine }));
    if (message.metrics !== "all given") return;
    waiting.get(id)?.(message.text);
    waiting.delete(id);
  });
  return () => {
    asked += 1;
    const id = asked;
    const text = new Promise<string>((resolve) => waiting.set(id, resolve));
    tell({ metrics: "all wanted", id });
    return text;
  };
}

function isMessage(message: unknown): message is Message {
  return typeof message === "object" && message !== null && "metrics" in message;
}
