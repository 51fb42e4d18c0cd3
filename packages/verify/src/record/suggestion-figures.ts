import { expectThat, type Finding, notChecked, passed } from "../check.ts";
import { first, isSame } from "./aggregates.ts";
import type { PublishedFigures, PublishedSuggestion } from "./read-published.ts";

/**
 * Computes what is published of suggestions from the list of them, and compares it.
 *
 * @throws Mismatch that names what differs
 */
export function checkSuggestionFigures(
  {
    figures: whole,
    byMonth,
  }: {
    readonly figures: readonly PublishedFigures[];
    /** None where a service of an earlier version publishes none. */
    readonly byMonth: readonly PublishedFigures[];
  },
  suggestions: readonly PublishedSuggestion[],
): Finding {
  const published = [...whole, ...byMonth];
  if (published.length === 0 && suggestions.length === 0) {
    return notChecked("There are no suggestions on record, and no figures of them.");
  }
  expectThat(
    new Set(suggestions.map(({ id }) => id)).size === suggestions.length,
    "A suggestion is listed twice.",
  );
  const expected = Map.groupBy(
    suggestions.flatMap((suggestion) => [
      { name: nameOf(suggestion), suggestion },
      ...(byMonth.length > 0
        ? [{ name: nameOf({ ...suggestion, month: monthOf(suggestion) }), suggestion }]
        : []),
    ]),
    ({ name }) => name,
  );
  const wrong: string[] = [];
  let figures = 0;
  for (const line of published) {
    const name = nameOf(line);
    const computed = computeFigures((expected.get(name) ?? []).map(({ suggestion }) => suggestion));
    expected.delete(name);
    for (const [field, value] of Object.entries(computed)) {
      figures += 1;
      const decimals = inPercent.has(field) ? 2 : undefined;
      if (isSame(field, { computed: value, published: line[field] }, decimals)) continue;
      wrong.push(`${field} of ${name} is published as ${String(line[field])}, and is ${String(value)}`);
    }
  }
  for (const name of expected.keys()) wrong.push(`${name} is not published`);
  expectThat(wrong.length === 0, `The record of suggestions does not follow from them: ${first(wrong)}.`);
  return passed(
    `${figures} figures of ${published.length} lines follow from ${suggestions.length} suggestions on record.`,
  );
}

/** These are published with two decimals. */
const inPercent: ReadonlySet<string> = new Set([
  "promised_improvement",
  "realised_improvement",
  "held_apy",
  "followed_apy",
  "worst_improvement",
]);

function nameOf(line: PublishedFigures | PublishedSuggestion): string {
  const { outcome, forced, risk_tolerance, month }: PublishedFigures = { ...line };
  const of = month === undefined ? "" : ` of ${String(month)}`;
  return `${String(outcome)}${forced === true ? ", forced," : ""} by tolerance ${String(risk_tolerance ?? "not told")}${of}`;
}

/** Of the UTC day, as the service counts it. */
function monthOf({ made_on }: PublishedSuggestion): string {
  return made_on.slice(0, "2026-01".length);
}

function computeFigures(suggestions: readonly PublishedSuggestion[]): PublishedFigures {
  const scored = suggestions.flatMap(({ realised, ...suggestion }) =>
    realised === null ? [] : [{ ...suggestion, ...realised }],
  );
  type Scored = (typeof scored)[number];
  const mean = (read: (suggestion: Scored) => number) =>
    scored.length === 0 ? null : scored.reduce((sum, each) => sum + read(each), 0) / scored.length;
  const targets = scored.map(({ target_at }) => target_at).toSorted();
  return {
    n: scored.length,
    n_prospective: scored.filter(({ made_on, target_at }) => made_on < target_at).length,
    n_unobserved: suggestions.length - scored.length,
    promised_improvement: mean(({ expected_improvement }) => expected_improvement),
    realised_improvement: mean(({ held_apy, followed_apy }) => followed_apy - held_apy),
    held_apy: mean(({ held_apy }) => held_apy),
    followed_apy: mean(({ followed_apy }) => followed_apy),
    beat_holding: mean(({ held_apy, followed_apy }) => Number(followed_apy > held_apy)),
    worst_improvement:
      scored.length === 0
        ? null
        : scored.reduce(
            (least, { held_apy, followed_apy }) => Math.min(least, followed_apy - held_apy),
            Number.POSITIVE_INFINITY,
          ),
    interval_level: mean(({ improvement_interval }) => improvement_interval?.level ?? 0),
    coverage: mean(({ improvement_interval: interval, held_apy, followed_apy }) =>
      Number(
        interval !== null &&
          interval.lower <= followed_apy - held_apy &&
          followed_apy - held_apy <= interval.upper,
      ),
    ),
    mean_confidence: mean(({ confidence }) => confidence),
    first_target_at: targets[0] ?? null,
    last_target_at: targets.at(-1) ?? null,
  };
}
