import { areEqual, fromBase64 } from "@obsqra/receipts";
import { asAnswered } from "./as-answered.ts";
import { type Check, expectThat, type Finding, notChecked, passed, type Verification } from "./check.ts";
import { differences } from "./differences.ts";
import { momentOf } from "./moment-of.ts";
import type { CheckedLog } from "./read-log.ts";
import { type ForecastReceipt, parseReceipt } from "./receipt.ts";
import type { Fetch, VerifyOptions } from "./verify-options.ts";
import { expectCanonical, readSubject, type Subject, verifyReceipt } from "./verify-receipt.ts";

/**
 * Checks that a forecast was committed to the log of a service, and makes it again from the model and the data that were committed to.
 * Nothing is believed: every hash and figure is computed here. It never throws for what a service says, which is a check that has failed, or
 * where it says nothing, which is one that is `unreadable`.
 *
 * @returns every check with what was compared
 * @throws UnsupportedEngineError
 */
export async function verifyForecast(receipt: unknown, options: VerifyOptions = {}): Promise<Verification> {
  return verifyReceipt(() => readSubject(parseReceipt(receipt)), options, {
    ofEntry: (subject) => ({
      entry: () => checkEntry(subject, options.forecastId),
      stored: () => checkStored(subject),
      answer: () => checkAnswer(subject, options.answer),
    }),
    inLog: (subject, log) => ({
      batch: () => checkBatch(subject, log),
      order: () => checkOrder(subject, log),
      outcome: () => checkOutcome(subject, log),
    }),
    targetAt: ({ entry }) => entry.target_at,
    required: options.reExecute === false ? [] : ["re_execution", "calibration"],
    again: (subject, log, place) => reExecute(subject, log, { ...place, isAsked: options.reExecute ?? true }),
  });
}

type ForecastSubject = Subject<ForecastReceipt>;

function checkEntry(subject: ForecastSubject, asked: string | undefined): Finding {
  const { receipt, entry } = subject;
  expectThat(
    asked === undefined || receipt.forecast_id === asked,
    `The receipt is of another forecast than you asked about: of ${receipt.forecast_id}, not of ${asked}.`,
  );
  expectThat(
    entry.type === "forecast" && entry.id === receipt.forecast_id,
    `The entry is not that of forecast ${receipt.forecast_id}.`,
  );
  expectCanonical(subject);
  return passed(`The entry is forecast ${receipt.forecast_id}, logged at ${entry.logged_at}.`);
}

function checkStored({ receipt, entry }: ForecastSubject): Finding {
  if (receipt.stored === null || receipt.stored === receipt.entry) {
    return passed(
      "The service says that it has stored what it has committed to; pass its answer to compare that.",
    );
  }
  const differing = differences(entry, JSON.parse(receipt.stored));
  return fail(`The forecast was changed after it was committed: ${differing.join(", ")}.`);
}

/** How fields of an answer are called in an entry, where they differ. */
const answerNames: Readonly<Record<string, string>> = {
  risk_score: "value",
  apy: "value",
  current_risk_score: "current_value",
  current_apy: "current_value",
  baseline_risk_score: "baseline_value",
  baseline_apy: "baseline_value",
};

/** Fields of an answer that say something of the market or the moment of the answer, and are no part of the forecast. */
const besideForecast: ReadonlySet<string> = new Set([
  "symbol",
  "receipt",
  "unknown_inputs",
  "forecaster",
  "stale",
  "explanation",
]);

function checkAnswer({ entry }: ForecastSubject, answer: VerifyOptions["answer"]): Finding {
  if (answer === undefined) return notChecked("Pass the answer that you were given to compare it.");
  const said = Object.fromEntries(
    Object.entries(answer)
      .filter(([name]) => !besideForecast.has(name))
      .map(([name, value]) => [answerNames[name] ?? name, value]),
  );
  const names = Object.keys(said);
  const committed = Object.fromEntries(names.map((name) => [name, entry[name]]));
  const answered = Object.fromEntries(names.map((name) => [name, asAnswered(entry.kind, name, entry[name])]));
  // Services used to answer all digits.
  const differing = differences(committed, said).length === 0 ? [] : differences(answered, said);
  if (differing.length > 0) return fail(`You were answered another forecast: ${differing.join(", ")}.`);
  if (!(names.includes("id") && names.includes("value"))) {
    return notChecked("What you pass has no id or no figure: it is no item of the service's answer.");
  }
  return passed(`${Object.keys(said).length} fields of the answer are those of the entry.`);
}

/** Where the manifest of a forecast's batch is: before the first of them. */
function manifestIndexOf({ entry: { position }, index }: ForecastSubject): number {
  // A place before the first would lead to a manifest after the entry, of forecasts that it is none of.
  expectThat(
    typeof position === "number" && Number.isSafeInteger(position) && position >= 0,
    `The entry says nothing of its place in its batch: ${String(position)}.`,
  );
  return index - Number(position) - 1;
}

async function checkBatch(subject: ForecastSubject, log: CheckedLog): Promise<Finding> {
  const { entry } = subject;
  const { position } = entry;
  const manifestIndex = manifestIndexOf(subject);
  const manifest = await log.entry(manifestIndex);
  const { id, forecasts, forecasts_root } = manifest;
  expectThat(
    manifest.type === "batch" && id === entry.batch && typeof forecasts_root === "string",
    `The forecast is in no batch: entry ${manifestIndex} is not the manifest of ${String(entry.batch)}.`,
  );
  const count = Number(forecasts);
  expectThat(
    Number.isSafeInteger(count) && Number(position) < count,
    `The forecast was inserted: its batch has ${String(forecasts)}, and it claims place ${Number(position) + 1}.`,
  );
  const found = await log.rootOfRange(manifestIndex + 1, manifestIndex + 1 + count);
  expectThat(
    areEqual(found, fromBase64(forecasts_root)),
    `The batch is not what its manifest says: of ${count} forecasts one was left out, put in or changed.`,
  );
  return passed(
    `It is forecast ${Number(position) + 1} of ${count} of its batch, all of which are in the log as its manifest says.`,
  );
}

async function checkOrder({ entry, index }: ForecastSubject, log: CheckedLog): Promise<Finding> {
  const before = index === 0 ? undefined : await log.entry(index - 1);
  const after = index + 1 < log.checkpoint.size ? await log.entry(index + 1) : undefined;
  const loggedAt = momentOf(entry.logged_at);
  expectThat(
    (before === undefined || momentOf(before.logged_at) <= loggedAt) &&
      (after === undefined || loggedAt <= momentOf(after.logged_at)),
    `The forecast was inserted or backdated: it claims ${entry.logged_at}, between entries of ${before?.logged_at} and ${after?.logged_at}.`,
  );
  expectThat(
    loggedAt < momentOf(entry.target_at),
    `The forecast was logged late: at ${entry.logged_at}, about ${String(entry.target_at)}.`,
  );
  return passed(
    `Logged at ${entry.logged_at}, not before the entry above it, and before ${String(entry.target_at)}, which it speaks about.`,
  );
}

/** The log is written every minute. What is not in it an hour later was left out. */
const outcomeDelayMsMax = 60 * 60 * 1_000;

async function checkOutcome(
  { receipt: { outcome }, entry, index }: ForecastSubject,
  log: CheckedLog,
): Promise<Finding> {
  if (outcome === null) return notChecked("The outcome is not known yet.");
  if (outcome.leaf_index === null) {
    const newest = await log.entry(log.checkpoint.size - 1);
    expectThat(
      momentOf(newest.logged_at) <= momentOf(outcome.recorded_at) + outcomeDelayMsMax,
      `The outcome was left out: it was known at ${outcome.recorded_at}, and is not in the log at ${newest.logged_at}.`,
    );
    return notChecked("The outcome is not in the log yet.");
  }
  const committed = await log.entry(outcome.leaf_index);
  expectThat(
    committed.type === "outcome" && committed.forecast === entry.id && committed.forecast_index === index,
    `Entry ${outcome.leaf_index} is not the outcome of this forecast.`,
  );
  expectThat(
    committed.value === outcome.value && committed.recorded_at === outcome.recorded_at,
    `The outcome was edited: ${String(committed.value)} was committed, and ${outcome.value} is served.`,
  );
  expectThat(outcome.leaf_index > index, "The outcome was logged before the forecast.");
  return passed(`The outcome ${outcome.value} is entry ${outcome.leaf_index}, after the forecast.`);
}

async function reExecute(
  subject: ForecastSubject,
  log: CheckedLog,
  { isAsked, ...place }: { readonly isAsked: boolean; readonly url: string; readonly fetch: Fetch },
): Promise<Check[]> {
  if (!isAsked) return [{ name: "re_execution", ...notChecked("It was not asked for.") }];
  const { entry } = subject;
  const manifest = () => log.entry(manifestIndexOf(subject));
  // Only whoever makes forecasts again loads what it takes.
  const { executeForecast } = await import("./execution/execute-forecast.ts");
  return executeForecast({ entry, manifest }, place);
}

function fail(says: string): Finding {
  return { state: "failed", says };
}
