import { type GrowingTree, growTree, toBase64 } from "@obsqra/receipts";
import { momentOf } from "../moment-of.ts";
import type { LogEntry } from "../read-log.ts";
import type { Witnessed } from "./cosigned-checkpoints.ts";

/** A forecast as the log has it. */
export interface CommittedForecast {
  readonly index: number;
  readonly entry: LogEntry;
  readonly witnessed: Witnessed;
}

/** What the log says of forecasts, and what of it does not hold. */
export interface CommittedRecord {
  /** By their ids. */
  readonly forecasts: Map<string, CommittedForecast>;
  /** The outcomes of each forecast, by its id: one, if nothing was put in. */
  readonly outcomes: Map<string, LogEntry[]>;
  /** Suggestions of the source that is asked about, with what came of them, by their ids. */
  readonly suggestions: ReadonlyMap<string, readonly LogEntry[]>;
  readonly batches: number;
  /** By what forecasts are scored, each time that it changed. */
  readonly rules: readonly { readonly index: number; readonly entry: LogEntry }[];
  /** Outcomes from before any rules. */
  readonly outcomesBeforeRules: number;
  readonly wrong: { readonly batches: string[]; readonly order: string[] };
  readonly begunAt: number;
  readonly newestAt: number;
  /** The keys that the log announces, in order. */
  readonly keys: readonly string[];
  /** The newest moment that data of the log's snapshots reach to, of the source that is asked about. */
  readonly observedUntil: number;
  /** Whether the newest of these data are simulated; undefined where there are none. */
  readonly simulated: boolean | undefined;
  /** Of forecasts that are of another source than the one that is asked about. */
  readonly otherSources: ReadonlySet<string>;
}

/** Collects what the entries of a log say of forecasts, in order. */
export interface RecordCollector {
  readonly add: (
    entry: LogEntry,
    leaf: { index: number; leafHash: Uint8Array; witnessed: Witnessed },
  ) => void;
  readonly end: () => CommittedRecord;
}

interface OpenBatch {
  readonly manifest: LogEntry;
  readonly index: number;
  readonly tree: GrowingTree;
  count: number;
}

const none: Witnessed = new Map();

/** @param source whose forecasts are asked about */
export function collectRecord(source: string): RecordCollector {
  const forecasts: CommittedRecord["forecasts"] = new Map();
  const outcomes: CommittedRecord["outcomes"] = new Map();
  const suggestions = new Map<string, LogEntry[]>();
  const wrong: CommittedRecord["wrong"] = { batches: [], order: [] };
  let [batches, begunAt, newestAt] = [0, Number.NaN, Number.NEGATIVE_INFINITY];
  const rules: { index: number; entry: LogEntry }[] = [];
  let outcomesBeforeRules = 0;
  let open: OpenBatch | undefined;
  let witnessedBatch = none;
  const keys: string[] = [];
  let observedUntil = Number.NEGATIVE_INFINITY;
  let simulated: boolean | undefined;
  const otherSources = new Set<string>();

  function closeBatch(): void {
    if (open === undefined) return;
    const { manifest, index, tree, count } = open;
    if (manifest.forecasts !== count || manifest.forecasts_root !== toBase64(tree.root())) {
      wrong.batches.push(
        `batch ${String(manifest.id)} (entry ${index}) says ${String(manifest.forecasts)} forecasts, of which one was left out, put in or changed`,
      );
    }
    open = undefined;
  }

  function addForecast(entry: LogEntry, index: number, leafHash: Uint8Array): void {
    const id = String(entry.id);
    if (forecasts.has(id)) wrong.batches.push(`forecast ${id} is in the log twice (entry ${index})`);
    else forecasts.set(id, { index, entry, witnessed: witnessedBatch });
    if (open === undefined || open.manifest.id !== entry.batch) {
      wrong.batches.push(`forecast ${id} (entry ${index}) was put in: it follows no manifest that counts it`);
      return;
    }
    open.count += 1;
    open.tree.add(leafHash);
  }

  return {
    add: (entry, { index, leafHash, witnessed }) => {
      const loggedAt = momentOf(entry.logged_at);
      if (Number.isNaN(begunAt)) begunAt = loggedAt;
      if (loggedAt < newestAt)
        wrong.order.push(`entry ${index} claims ${entry.logged_at}, and was added later`);
      newestAt = Math.max(newestAt, loggedAt);
      if (entry.type === "forecast") return addForecast(entry, index, leafHash);
      closeBatch();
      if (entry.type === "batch") {
        batches += 1;
        open = { manifest: entry, index, tree: growTree(), count: 0 };
        witnessedBatch = witnessed;
        if (entry.source !== source) otherSources.add(String(entry.source));
      }
      if (entry.type === "log_key") keys.push(String(entry.verifier_key));
      if (entry.type === "snapshot" && entry.source === source) {
        observedUntil = Math.max(observedUntil, momentOf(entry.observed_until));
        simulated = entry.simulated === true;
      }
      if (entry.type === "scoring_rules") rules.push({ index, entry });
      if (entry.type === "suggestion_outcome" && entry.source === source) {
        const id = String(entry.id);
        suggestions.set(id, [...(suggestions.get(id) ?? []), entry]);
      }
      if (entry.type === "outcome") {
        if (rules.length === 0) outcomesBeforeRules += 1;
        const id = String(entry.forecast);
        outcomes.set(id, [...(outcomes.get(id) ?? []), entry]);
      }
    },
    end: () => {
      closeBatch();
      const moments = { begunAt, newestAt, observedUntil, simulated };
      return {
        forecasts,
        outcomes,
        suggestions,
        batches,
        rules,
        outcomesBeforeRules,
        wrong,
        keys,
        otherSources,
        ...moments,
      };
    },
  };
}

/**
 * The ids of the forecasts that count, as the log has them: of each market or protocol, day and target the first that was given and not
 * stale.
 */
export function idsOnRecord(record: CommittedRecord, source: string): Set<string> {
  const first = new Map<string, string>();
  for (const [id, { entry }] of record.forecasts) {
    if (entry.source !== source || entry.stale === true) continue;
    const { kind, protocol, market_id, as_of, target_at } = entry;
    const key = JSON.stringify([kind, protocol, market_id, as_of, target_at]);
    if (!first.has(key)) first.set(key, id);
  }
  return new Set(first.values());
}
