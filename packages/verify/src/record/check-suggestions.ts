import { expectThat, type Finding, notChecked, passed } from "../check.ts";
import { differences } from "../differences.ts";
import { momentOf } from "../moment-of.ts";
import { first } from "./aggregates.ts";
import type { CommittedRecord } from "./committed-record.ts";
import type { PublishedSuggestion } from "./read-published.ts";

/** The log is written every minute. What is not in it an hour later was left out. */
const delayMsMax = 60 * 60 * 1_000;

const comparedFields = [
  "made_on",
  "as_of",
  "target_at",
  "horizon_days",
  "risk_tolerance",
  "size_class",
  "outcome",
  "forced",
  "expected_improvement",
  "improvement_interval",
  "confidence",
  "status",
  "realised",
] as const;

/** That each suggestion on record is listed with what came of it as the log has it, once, and no other. */
export function checkSuggestions(
  { suggestions: committed, newestAt }: CommittedRecord,
  listed: readonly PublishedSuggestion[],
): Finding {
  if (committed.size === 0 && listed.length === 0) return notChecked("There are no suggestions on record.");
  if (committed.size === 0) {
    return notChecked("The log is of a version that has not committed to what came of suggestions.");
  }
  const wrong: string[] = [];
  let [compared, fresh] = [0, 0];
  const seen = new Set<string>();
  for (const suggestion of listed) {
    const { id, realised } = suggestion;
    if (seen.has(id)) wrong.push(`${id} is listed twice`);
    seen.add(id);
    const [entry, ...others] = committed.get(id) ?? [];
    if (others.length > 0) wrong.push(`${id} is in the log ${others.length + 1} times`);
    if (entry === undefined) {
      const isFresh = realised !== null && momentOf(realised.recorded_at) + delayMsMax >= newestAt;
      if (isFresh) fresh += 1;
      else wrong.push(`${id} is listed, and the log does not have it`);
      continue;
    }
    compared += 1;
    const pick = (from: Readonly<Record<string, unknown>>) =>
      Object.fromEntries(comparedFields.map((name) => [name, from[name]]));
    const differing = differences(pick(entry), pick({ ...suggestion }));
    if (differing.length > 0) wrong.push(`${id} was changed: ${differing.join(", ")}`);
  }
  for (const id of committed.keys()) if (!seen.has(id)) wrong.push(`${id} was left out`);
  expectThat(wrong.length === 0, `Suggestions on record are not those of the log: ${first(wrong)}.`);
  const rest = fresh > 0 ? `; ${fresh} of the last hour are not in it yet` : "";
  // Nothing commits to them yet, and whoever makes some up can say that they are of this moment.
  if (fresh > 0)
    return notChecked(`${compared} suggestions on record are those of the log${rest}: try again.`);
  return passed(
    `${compared} suggestions on record are those of the log, ${comparedFields.length} fields of each.`,
  );
}
