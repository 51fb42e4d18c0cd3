import { expectThat, type Finding, notChecked, passed } from "../check.ts";
import { differences } from "../differences.ts";
import { momentOf } from "../moment-of.ts";
import { first } from "./aggregates.ts";
import type { CommittedForecast, CommittedRecord } from "./committed-record.ts";
import type { PublishedForecast } from "./read-published.ts";

/** The forecasts of a log, and those that a service lists. */
export interface RecordedForecasts {
  readonly committed: CommittedRecord;
  /** The ids of the committed ones that have to be listed. */
  readonly expected: ReadonlySet<string>;
  readonly published: readonly PublishedForecast[];
}

/** The log is written every minute. What is not in it an hour later was left out. */
const delayMsMax = 60 * 60 * 1_000;
const hindsightHours = 48;
const dayMs = 86_400_000;

/** That every forecast of the log is listed, and every listed one is in the log. */
export function checkOmissions({ committed, expected, published }: RecordedForecasts): Finding {
  if (expected.size === 0 && published.length === 0) {
    return notChecked("There is no forecast in the range, in the log or in the list.");
  }
  const listed = new Set(published.map(({ id }) => id));
  expectThat(listed.size === published.length, "A forecast is listed twice.");
  const leftOut = [...expected].filter((id) => !listed.has(id));
  expectThat(
    leftOut.length === 0,
    `${leftOut.length} forecasts of the log were left out of the list: ${first(leftOut)}.`,
  );
  const unknown = published.filter(({ id }) => !expected.has(id));
  const early = unknown.filter(({ created_at }) => momentOf(created_at) < committed.begunAt);
  const fresh = unknown.filter(({ created_at }) => momentOf(created_at) + delayMsMax >= committed.newestAt);
  const inserted = unknown.filter((forecast) => !early.includes(forecast) && !fresh.includes(forecast));
  expectThat(
    inserted.length === 0,
    `${inserted.length} forecasts are listed that the log does not have on record: ${first(inserted.map(({ id }) => id))}.`,
  );
  // Nothing commits to them yet, and whoever makes some up can say that they are of this moment, or of a coming one.
  const scored = fresh.filter(({ outcome }) => outcome !== null);
  if (scored.length > 0) {
    return notChecked(
      `${scored.length} forecasts are listed with an outcome that are newer than the log's last hour, and not in it: try again in some minutes. ${first(scored.map(({ id }) => id))}.`,
    );
  }
  const beside = [
    ...(early.length > 0 ? [`${early.length} from before the log began, which nothing commits to`] : []),
    ...(fresh.length > 0 ? [`${fresh.length} that are newer than its last hour`] : []),
  ];
  const sources = [...committed.otherSources];
  const others =
    sources.length > 0
      ? ` The log has forecasts of other sources, too, which are not listed: ${first(sources)}.`
      : "";
  return passed(
    `${expected.size} forecasts of the log are listed, none is missing${beside.length > 0 ? `; so are ${beside.join(" and ")}` : ""}.${others}`,
  );
}

const comparedFields = [
  "kind",
  "protocol",
  "market_id",
  "as_of",
  "target_at",
  "value",
  "lower",
  "upper",
  "interval_level",
  "confidence",
  "confidence_tolerance",
  "baseline_value",
  "served_by",
  "model_version",
] as const satisfies readonly (keyof PublishedForecast)[];

const nothingListed = "No forecast of the log is listed in the range.";

/** That what is listed of each forecast is what was committed, before the moment that it speaks about. */
export function checkForecasts({ committed, published }: RecordedForecasts): Finding {
  const wrong: string[] = [];
  let compared = 0;
  for (const forecast of published) {
    const found = committed.forecasts.get(forecast.id);
    if (found === undefined) continue;
    compared += 1;
    const pick = (from: Readonly<Record<string, unknown>>) =>
      Object.fromEntries(comparedFields.map((name) => [name, from[name]]));
    const differing = differences(pick(found.entry), pick({ ...forecast }));
    if (differing.length > 0) wrong.push(`${forecast.id} was changed: ${differing.join(", ")}`);
    wrong.push(...momentsOf(forecast, found));
  }
  if (compared === 0) return notChecked(nothingListed);
  expectThat(wrong.length === 0, `Forecasts are listed that were not committed so: ${first(wrong)}.`);
  return passed(
    `${compared} listed forecasts are those that were committed, ${comparedFields.length} fields of each, each before the moment that it claims to speak about.`,
  );
}

/** Forecasts in hindsight say so; one that claims to be none was logged before its target. */
function momentsOf(
  { id, created_at, target_at, horizon_days }: PublishedForecast,
  found: CommittedForecast,
): string[] {
  const { logged_at, as_of } = found.entry;
  const days = (momentOf(target_at) - momentOf(as_of)) / dayMs;
  const [loggedAt, madeAt, targetAt] = [momentOf(logged_at), momentOf(created_at), momentOf(target_at)];
  return [
    ...(madeAt > loggedAt ? [`${id} was logged at ${logged_at}, before it was made`] : []),
    ...(madeAt < targetAt && loggedAt >= targetAt
      ? [`${id} was inserted late: logged at ${logged_at}, about ${target_at}`]
      : []),
    ...(days === horizon_days ? [] : [`${id} is ${days} days ahead, and listed with ${horizon_days}`]),
  ];
}

/** What becomes of a forecast whose outcome is known, and of one whose is not. Anything else would count nowhere. */
const statuses: Readonly<Record<"known" | "unknown", ReadonlySet<string>>> = {
  known: new Set(["scored", "unwitnessed"]),
  unknown: new Set(["pending", "unobserved", "unwitnessed"]),
};

/** That every listed outcome is the only one in the log, and every one of the log is listed. */
export function checkOutcomes({ committed, published }: RecordedForecasts): Finding {
  const wrong: string[] = [];
  let [compared, fresh] = [0, 0];
  for (const { id, outcome, status, target_at } of published) {
    if (!statuses[outcome === null ? "unknown" : "known"].has(status)) {
      wrong.push(`${id} is ${status}, ${outcome === null ? "without" : "with"} an outcome`);
    }
    if (status === "pending" && momentOf(target_at) + dayMs < committed.observedUntil) {
      wrong.push(`${id} is pending, and there are data of the days after ${target_at}`);
    }
    const found = committed.forecasts.get(id);
    if (found === undefined) continue;
    const [entry, ...others] = committed.outcomes.get(id) ?? [];
    if (others.length > 0) wrong.push(`${id} has ${others.length + 1} outcomes in the log`);
    if (entry === undefined) {
      if (outcome === null) continue;
      if (momentOf(outcome.recorded_at) + delayMsMax >= committed.newestAt) fresh += 1;
      else wrong.push(`${id} is listed with the outcome ${outcome.value}, which the log does not have`);
      continue;
    }
    compared += 1;
    const { value, recorded_at, forecast_index } = entry;
    if (outcome === null) wrong.push(`${id} is listed without its outcome, ${String(value)}`);
    else if (outcome.value !== value || outcome.recorded_at !== recorded_at) {
      wrong.push(`${id}: ${String(value)} was committed, and ${outcome.value} is listed`);
    }
    if (forecast_index !== found.index)
      wrong.push(`the outcome of ${id} names another entry, ${String(forecast_index)}`);
  }
  expectThat(wrong.length === 0, `Outcomes were edited, left out or put in: ${first(wrong)}.`);
  if (compared === 0) {
    return notChecked(
      fresh > 0 ? `${fresh} outcomes of the last hour are not in the log yet.` : "No outcome is known yet.",
    );
  }
  return passed(
    `${compared} listed outcomes are those that were committed, one for each forecast${fresh > 0 ? `; ${fresh} of the last hour are not in the log yet` : ""}.`,
  );
}

/** That those count, and only those, that one of the service's witnesses knew in time. */
export function checkCounted(
  { committed, published }: RecordedForecasts,
  witnesses: readonly string[],
): Finding {
  if (published.length === 0) return notChecked(nothingListed);
  const claimed = published.filter(({ status }) => status === "unwitnessed").length;
  if (witnesses.length === 0) {
    expectThat(claimed === 0, `${claimed} forecasts do not count as unwitnessed, and there is no witness.`);
    return passed(`The service has no witness: all ${published.length} forecasts count.`);
  }
  const wrong = published.flatMap(({ id, as_of, status }) => {
    if (status === "pending") return [];
    const isInTime = isWitnessed(committed.forecasts.get(id), as_of, witnesses);
    if (isInTime === (status !== "unwitnessed")) return [];
    return [
      isInTime
        ? `${id} was witnessed in time, and does not count`
        : `${id} counts, and no witness knew it in time`,
    ];
  });
  expectThat(wrong.length === 0, `Other forecasts count than were witnessed in time: ${first(wrong)}.`);
  return passed(
    `All count that one of ${witnesses.length} witnesses knew within ${hindsightHours} hours after as_of, and no other; ${claimed} do not.`,
  );
}

/** That those that you know have witnessed what counts. */
export function checkKnownWitnesses(
  { committed, published }: RecordedForecasts,
  known: readonly string[],
  named: readonly string[],
): Finding {
  if (known.length === 0) {
    return notChecked(
      named.length === 0
        ? "Self-attested: no witness has cosigned, so that when forecasts were committed is the service's own word."
        : `The service names ${named.length} witnesses. Name those that you know to have it checked: until then it is the service's own word.`,
    );
  }
  const absent = known.filter((key) =>
    [...committed.forecasts.values()].every(({ witnessed }) => !witnessed.has(key)),
  );
  expectThat(
    committed.forecasts.size === 0 || absent.length === 0,
    `${absent.length} of your witnesses have cosigned no checkpoint with a forecast: ${first(absent)}.`,
  );
  const counting = published.filter(({ status }) => status === "scored" || status === "unobserved");
  const unknown = counting.filter(({ id, as_of }) => !isWitnessed(committed.forecasts.get(id), as_of, known));
  expectThat(
    unknown.length === 0,
    `${unknown.length} of ${counting.length} forecasts count that none of your witnesses knew in time: ${first(unknown.map(({ id }) => id))}.`,
  );
  if (counting.length === 0) {
    return notChecked(
      "No forecast in the range counts yet: what your witnesses knew in time shows when one does.",
    );
  }
  return passed(`Your witnesses knew each of the ${counting.length} forecasts that count in time.`);
}

function isWitnessed(
  found: CommittedForecast | undefined,
  asOf: string,
  witnesses: readonly string[],
): boolean {
  const deadline = momentOf(asOf) + hindsightHours * 60 * 60 * 1_000;
  return witnesses.some((key) => (found?.witnessed.get(key) ?? Number.POSITIVE_INFINITY) < deadline);
}
