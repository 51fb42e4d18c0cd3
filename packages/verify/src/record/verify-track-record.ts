import { type Checkpoint, parseCheckpoint } from "@obsqra/receipts";
import {
  type Check,
  type CheckName,
  expectThat,
  type Finding,
  findingOf,
  notChecked,
  passed,
  runCheck,
  type Verification,
} from "../check.ts";
import { checkHistory } from "../check-history.ts";
import { type AnnouncedKey, checkKeys, checkLogSignature, readKeys } from "../check-keys.ts";
import { refuseOldEngines } from "../engine.ts";
import { judge } from "../judge.ts";
import { ask, openCheckedLog, readWhole, withTimeout } from "../read-log.ts";
import { UnreadableError } from "../unreadable-error.ts";
import type { TrackRecordRange, VerifyTrackRecordOptions } from "../verify-options.ts";
import { checkAggregates, first } from "./aggregates.ts";
import {
  checkCounted,
  checkForecasts,
  checkKnownWitnesses,
  checkOmissions,
  checkOutcomes,
  type RecordedForecasts,
} from "./check-record.ts";
import { checkRules } from "./check-rules.ts";
import { checkSuggestions } from "./check-suggestions.ts";
import { type CommittedRecord, collectRecord, idsOnRecord } from "./committed-record.ts";
import { openCosignedCheckpoints } from "./cosigned-checkpoints.ts";
import {
  granularities,
  type PublishedForecast,
  type PublishedList,
  type RecordLines,
  readForecasts,
  readSuggestions,
  readTrackRecord,
  recordLines,
  type ServicePlace,
} from "./read-published.ts";
import { readWholeLog } from "./read-whole-log.ts";
import { checkSuggestionFigures } from "./suggestion-figures.ts";

const checkpointBytesMax = 65_536;

/**
 * Checks the whole track record of a service: reads every entry of its log and every page of its lists, and computes each published figure
 * anew. Nothing is believed, and what was left out, put in, edited or not witnessed is named. It never throws for what a service says or
 * does not say.
 *
 * @returns every check with what was compared
 * @throws UnsupportedEngineError
 */
export async function verifyTrackRecord(
  range: TrackRecordRange,
  options: VerifyTrackRecordOptions = {},
): Promise<Verification> {
  refuseOldEngines();
  const checks = await checkWhole(range, options);
  const failed = checks.filter(({ state }) => state === "failed");
  // A cosignature or an outcome that came while lists were read makes these differ once. Nobody is accused before they were read again.
  const mayBeNews = failed.every(({ name }) => name === "counted" || name === "aggregates");
  if (failed.length === 0 || !mayBeNews) return { verdict: judge(checks, required), checks };
  const again = await checkWhole(range, options);
  return { verdict: judge(again, required), checks: again };
}

/** Without a forecast in the range, there is nothing to say. */
const required = ["omissions"] as const;

/** Reads and checks everything once. */
async function checkWhole(range: TrackRecordRange, options: VerifyTrackRecordOptions): Promise<Check[]> {
  const { fetch = withTimeout(globalThis.fetch), witnesses = [], pause = wait } = options;
  const url = range.url.replace(/\/+$/, "");
  const place = { url, fetch, pause, logUrl: `${url}/log` };
  const checks: Check[] = [];
  const check = async (name: CheckName, find: () => Finding | Promise<Finding>) => {
    checks.push(await runCheck(name, find));
  };
  let opened: OpenedRecord;
  try {
    opened = await openRecord(place, { ...options, witnesses });
  } catch (error) {
    return [{ name: "log", ...findingOf(error) }];
  }
  const { checkpoint, keys, committed, lists, named } = opened;
  const { source } = lists.market;
  const log = openCheckedLog(checkpoint, place.logUrl, fetch);
  await check("log", () =>
    passed(`All ${checkpoint.size} entries of the log lead to the root of its checkpoint.`),
  );
  await check("keys", () => {
    expectAllKeys(keys, committed);
    return checkKeys(keys, log, options.trustedKey);
  });
  await check("signature", () => checkLogSignature(checkpoint, keys));
  await check("history", () => checkHistory(log, options.knownCheckpoint));
  await check("batch", () => checkBatches(committed));
  await check("order", () => checkOrder(committed));
  const recorded = recordedIn(range, committed, lists);
  await check("omissions", () => {
    expectThat(
      committed.simulated === undefined || committed.simulated === source.simulated,
      `The data of ${source.name} are ${committed.simulated === true ? "" : "not "}simulated, by the log, and the list says otherwise.`,
    );
    return checkOmissions(recorded);
  });
  await check("forecasts", () => checkForecasts(recorded));
  await check("outcomes", () => checkOutcomes(recorded));
  await check("rules", () => checkRules(committed));
  await check("counted", () => checkCounted(recorded, named));
  await check("time", () => checkKnownWitnesses(recorded, witnesses, named));
  for (const by of recordLines) {
    for (const granularity of granularities) {
      await check("aggregates", () => checkPublished({ granularity, by }, range, { lists, place }));
    }
  }
  const suggestions = readSuggestionsOnce(range, place);
  await check("suggestions", async () => {
    const found = await suggestions();
    return "state" in found ? found : checkSuggestions(committed, found.items);
  });
  await check("aggregates", async () => {
    const found = await suggestions();
    if ("state" in found) return found;
    if (!found.isOfOneMoment) {
      return { state: "unreadable", says: "New data came while the lists were read: try again." };
    }
    return checkSuggestionFigures(found, found.items);
  });
  return checks;
}

interface OpenedRecord {
  readonly checkpoint: Checkpoint;
  readonly keys: readonly AnnouncedKey[];
  readonly committed: CommittedRecord;
  readonly lists: ForecastLists;
  /** The witnesses that the service names. */
  readonly named: readonly string[];
}

type ForecastLists = Readonly<Record<(typeof granularities)[number], PublishedList<PublishedForecast>>>;

/** The checkpoint comes first: what it covers has to be in lists that are read after it. */
async function openRecord(
  place: ServicePlace & { readonly logUrl: string },
  { witnesses = [], onProgress }: VerifyTrackRecordOptions,
): Promise<OpenedRecord> {
  const { logUrl, fetch } = place;
  const checkpointUrl = `${logUrl}/checkpoint`;
  const response = await ask(checkpointUrl, fetch);
  // Where there is no checkpoint, there is no such service, which is no reason to accuse one.
  if (!response.ok) throw new UnreadableError(checkpointUrl, `status ${response.status}`);
  const text = await readWhole(checkpointUrl, response, checkpointBytesMax);
  const checkpoint = parseCheckpoint(new TextDecoder().decode(text));
  const keys = await readKeys(logUrl, fetch);
  const lists = {
    market: await readForecasts("market", place),
    protocol: await readForecasts("protocol", place),
  };
  const named = lists.market.witnesses;
  const looked = [...new Set([...witnesses, ...named])];
  const cosigned = openCosignedCheckpoints(looked, place, { origin: checkpoint.origin, keys });
  const collector = collectRecord(lists.market.source.name);
  await readWholeLog(checkpoint, place, async ({ entry, index, leafHash, rootBefore }) => {
    cosigned.compare(index, rootBefore);
    const witnessed = entry.type === "batch" ? await cosigned.witnessed(index) : new Map<string, number>();
    collector.add(entry, { index, leafHash, witnessed });
    if (index % 1_000 === 0) onProgress?.(index, checkpoint.size);
  });
  cosigned.compare(checkpoint.size, () => checkpoint.root);
  onProgress?.(checkpoint.size, checkpoint.size);
  return { checkpoint, keys, committed: collector.end(), lists, named };
}

function recordedIn(
  range: TrackRecordRange,
  committed: CommittedRecord,
  { market, protocol }: ForecastLists,
): RecordedForecasts {
  const expected = [...idsOnRecord(committed, market.source.name)].filter((id) =>
    isInRange(range, String(committed.forecasts.get(id)?.entry.as_of)),
  );
  const published = [...market.items, ...protocol.items].filter(({ as_of }) => isInRange(range, as_of));
  return { committed, expected: new Set(expected), published };
}

function isInRange({ from, to }: TrackRecordRange, asOf: unknown): boolean {
  // What is no moment is in every range, where the checks find it.
  if (typeof asOf !== "string") return true;
  const moment = Date.parse(asOf);
  return (from === undefined || moment >= Date.parse(from)) && (to === undefined || moment < Date.parse(to));
}

/** Who reads every entry sees each key that was announced. */
function expectAllKeys(keys: readonly AnnouncedKey[], committed: CommittedRecord): void {
  const served = new Set(keys.map(({ verifier_key }) => verifier_key));
  const hidden = committed.keys.filter((key) => !served.has(key));
  expectThat(
    hidden.length === 0,
    `The log announces keys that it does not name among its keys, and was rotated without a trace: ${first(hidden)}.`,
  );
}

function checkBatches({ wrong, batches, forecasts }: CommittedRecord): Finding {
  expectThat(
    wrong.batches.length === 0,
    `Batches are not what their manifests say: ${first(wrong.batches)}.`,
  );
  if (batches === 0) return notChecked("The log has no forecasts yet.");
  return passed(`${batches} batches with ${forecasts.size} forecasts are what their manifests say.`);
}

function checkOrder({ wrong }: CommittedRecord): Finding {
  expectThat(wrong.order.length === 0, `Entries were inserted or backdated: ${first(wrong.order)}.`);
  return passed("No entry claims an earlier moment than one before it.");
}

async function checkPublished(
  counted: { readonly granularity: (typeof granularities)[number]; readonly by: RecordLines },
  { from, to }: TrackRecordRange,
  { lists, place }: { readonly lists: ForecastLists; readonly place: ServicePlace },
): Promise<Finding> {
  if (from !== undefined || to !== undefined) {
    return notChecked("Published figures are about all forecasts: leave the range out to have them checked.");
  }
  const found = await readTrackRecord(counted, place);
  if (found === undefined) {
    return notChecked(`The service shows its track record by ${counted.by} to its users only, or has none.`);
  }
  const { items, source } = found;
  if (source.text !== lists[counted.granularity].source.text) {
    return { state: "unreadable", says: "New data came while the lists were read: try again." };
  }
  return checkAggregates(items, lists[counted.granularity].items, counted);
}

/** What is listed and published of suggestions, read once for both that look at it, or why it is not. */
function readSuggestionsOnce({ from, to }: TrackRecordRange, place: ServicePlace) {
  const read = async () => {
    if (from !== undefined || to !== undefined) {
      return notChecked("What is published of suggestions is about all of them: leave the range out.");
    }
    const found = await readSuggestions(place);
    return found ?? notChecked("The service shows suggestions on record to its users only, or has none.");
  };
  let reading: ReturnType<typeof read> | undefined;
  return () => {
    reading ??= read();
    return reading;
  };
}

function wait(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
