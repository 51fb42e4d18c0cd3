import { scoringRules, sha256Hex } from "@obsqra/ml/forecast";
import { canonicalJson, utf8ToBytes } from "@obsqra/receipts";
import { expectThat, type Finding, notChecked, passed } from "../check.ts";
import type { CommittedRecord } from "./committed-record.ts";

/** That the rules by which figures are computed here are those that the log has committed to. */
export function checkRules({ rules, outcomesBeforeRules }: CommittedRecord): Finding {
  const newest = rules.at(-1);
  if (newest === undefined) return notChecked("The log is of a version that has not committed to its rules.");
  for (const { index, entry } of rules) {
    expectThat(
      entry.sha256 === hashOf(entry.rules) && entry.version === Object(entry.rules).version,
      `The rules of entry ${index} do not have the hash or the version that it names.`,
    );
  }
  const versions = rules.map(({ entry }) => entry.version);
  expectThat(
    new Set(versions).size === versions.length,
    `The rules were changed without a new version: the log has ${versions.join(", ")}.`,
  );
  const { index, entry } = newest;
  const { version } = scoringRules;
  if (entry.version !== version) {
    return notChecked(
      `The service scores by version ${String(entry.version)} of the rules, and this verifier knows ${version}: use the one of then.`,
    );
  }
  const own = hashOf(scoringRules);
  expectThat(
    entry.sha256 === own,
    `The service has other rules under version ${version}: ${String(entry.sha256)}, and this verifier has ${own}.`,
  );
  const before = outcomesBeforeRules > 0 ? `; ${outcomesBeforeRules} outcomes are from before any were` : "";
  const changes = rules.length > 1 ? `, the last of ${rules.length}` : "";
  return passed(
    `Scored by version ${version} of the rules, ${own}, as entry ${index} has committed to at ${entry.logged_at}${changes}${before}.`,
  );
}

function hashOf(rules: unknown): string {
  return sha256Hex(utf8ToBytes(canonicalJson(rules ?? null)));
}
