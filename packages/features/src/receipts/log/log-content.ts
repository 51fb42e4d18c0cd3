import { createHash } from "node:crypto";
import { scoringRules } from "@obsqra/ml";
import { canonicalJson, hashTree, toBase64 } from "@obsqra/receipts";
import { type LogContent, toLogEntry } from "./append-log.service.ts";
import type { NewLogEntry } from "./log.queries.ts";
import type {
  CorrectionRow,
  ForecastRunRow,
  LoggedForecastRow,
  OutcomeRow,
  SnapshotRow,
  StatusDecisionRow,
  SuggestionRow,
} from "./log-content.queries.ts";

/** A forecast as its entry says it, without the moment at which it is logged. */
export function forecastContent(row: LoggedForecastRow): object {
  const { details: stored, id, as_of, target_at, ...figures } = row;
  // Why a forecast is what it is follows from model and data, and is not made again by whoever verifies it.
  const { explanation: _, ...details } = stored;
  const { intervals = [], experts = [], illiquidity_probability = null } = details;
  return {
    id,
    ...figures,
    as_of: new Date(as_of).toISOString(),
    target_at: new Date(target_at).toISOString(),
    intervals,
    weights: experts,
    illiquidity_probability,
    details_sha256: sha256Hex(canonicalJson(details)),
  };
}

/**
 * A run of forecasts: first the manifest, which says how many there are and commits to all of them by the root of a tree of their own,
 * then each of them. One that is left out, added or changed does not go with the manifest.
 *
 * @param loggedAt when all of them are logged
 */
export function batchEntries(
  run: ForecastRunRow,
  rows: readonly LoggedForecastRow[],
  loggedAt: Date,
): NewLogEntry[] {
  const madeFrom = {
    model_sha256: run.model.artefact_sha256,
    panel_sha256: run.snapshot.panel_sha256,
    snapshot_sha256: run.snapshot.artefact_sha256,
    revision: run.revision,
  };
  const forecasts = rows.map((row, position) => {
    const content = { ...forecastContent(row), batch: run.id, position, made_from: madeFrom };
    return toLogEntry({ type: "forecast", subject: row.id, content }, loggedAt);
  });
  const leafHashes = forecasts.map(({ text }) => hashEntry(text));
  const { id, kind, source, created_at, revision, snapshot, model } = run;
  const manifest = {
    id,
    kind,
    source,
    model,
    revision,
    snapshot,
    forecast_at: created_at.toISOString(),
    forecasts: forecasts.length,
    forecasts_root: toBase64(hashTree(leafHashes)),
  };
  const batch = { type: "batch", subject: batchSubject(run), content: manifest };
  return [toLogEntry(batch, loggedAt), ...forecasts];
}

/** One batch for each model and import, however often they were run. */
function batchSubject({ model, snapshot }: Pick<ForecastRunRow, "model" | "snapshot">): string {
  return `${snapshot.import_id} ${model.version}`;
}

/** What came true of a forecast. */
export function outcomeContent(row: OutcomeRow, forecastIndex: number | null): LogContent {
  const { id, actual_value, actual_at, snapshot } = row;
  return {
    type: "outcome",
    subject: id,
    content: {
      forecast: id,
      forecast_index: forecastIndex,
      value: actual_value,
      recorded_at: actual_at.toISOString(),
      snapshot,
    },
  };
}

/** Market data that were loaded. */
export function snapshotContent(row: SnapshotRow): LogContent {
  const { import_id, source, simulated, content_sha256, observed_until, fetched_at } = row;
  const moments = { observed_until: observed_until.toISOString(), fetched_at: fetched_at.toISOString() };
  return {
    type: "snapshot",
    subject: import_id,
    content: { import_id, source, simulated, content_sha256, ...moments },
  };
}

/** What a feed has changed of days that were over: how many observations, and a hash of what they were. */
export function correctionContent(row: SnapshotRow, replaced: readonly CorrectionRow[]): LogContent {
  const hash = createHash("sha256");
  for (const observation of replaced) hash.update(`${canonicalJson(observation)}\n`);
  const { import_id, source } = row;
  const content = { import_id, source, replaced: replaced.length, replaced_sha256: hash.digest("hex") };
  return { type: "correction", subject: import_id, content };
}

/** What was decided about the status of a protocol. Why, in the operator's words, stays out: nothing personal comes in. */
export function statusContent({ id, status_since, decided_at, ...decision }: StatusDecisionRow): LogContent {
  const moments = {
    status_since: status_since?.toISOString() ?? null,
    decided_at: decided_at.toISOString(),
  };
  return { type: "protocol_status", subject: id, content: { id, ...decision, ...moments } };
}

/**
 * A suggestion, of which the log has salted hashes only: whoever has the salt, its owner, can show what was advised, and nobody can guess
 * it. Once the salt is gone, with the account, the hashes say nothing.
 */
export function suggestionContent(row: SuggestionRow, salt: Uint8Array): LogContent {
  const { id, owner_id, answer, created_at } = row;
  const content = {
    owner_sha256: sha256Hex(salt, owner_id),
    suggestion_sha256: sha256Hex(salt, canonicalJson(answer)),
    made_at: created_at.toISOString(),
  };
  return { type: "suggestion", subject: id, content };
}

/** By what forecasts are resolved and scored. */
export function rulesContent(): LogContent {
  const sha256 = sha256Hex(canonicalJson(scoringRules));
  const { version } = scoringRules;
  return { type: "scoring_rules", subject: sha256, content: { version, sha256, rules: scoringRules } };
}

/** The hash of an entry's leaf (RFC 6962); by Node, which takes a fifth of the time for thousands of them. */
function hashEntry(text: string): Uint8Array {
  return createHash("sha256").update(Uint8Array.of(0)).update(text).digest();
}

function sha256Hex(...parts: readonly (string | Uint8Array)[]): string {
  const hash = createHash("sha256");
  for (const part of parts) hash.update(part);
  return hash.digest("hex");
}
