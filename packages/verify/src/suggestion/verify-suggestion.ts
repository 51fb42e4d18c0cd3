import { sha256Hex } from "@obsqra/ml/forecast";
import { utf8ToBytes } from "@obsqra/receipts";
import { suggestionAsAnswered } from "../as-answered.ts";
import {
  type Check,
  expectThat,
  type Finding,
  findingOf,
  notChecked,
  passed,
  runCheck,
  type Verification,
} from "../check.ts";
import { differences } from "../differences.ts";
import { momentOf } from "../moment-of.ts";
import type { CheckedLog } from "../read-log.ts";
import type { VerifyOptions } from "../verify-options.ts";
import { expectCanonical, readSubject, type Subject, verifyReceipt } from "../verify-receipt.ts";
import {
  adviceRevision,
  adviceRevisionMin,
  adviseAgain,
  checkFigures,
  checkOptimum,
  readBasis,
} from "./advise-again.ts";
import { checkBasisForecasts } from "./check-forecasts.ts";
import { checkSizes } from "./check-sizes.ts";
import { suggestionMadeFrom } from "./made-from.ts";
import {
  parseSuggestion,
  parseSuggestionReceipt,
  type Suggestion,
  type SuggestionReceipt,
} from "./suggestion-receipt.ts";

/**
 * Checks that a suggestion was committed to the log of a service, that it rests on the forecasts that were committed to, and, by solving
 * its programme again, that no better mix was there. It never throws for what a service says or does not say.
 *
 * @param receipt as its owner gets it
 * @returns every check with what was compared
 * @throws UnsupportedEngineError
 */
export async function verifySuggestion(receipt: unknown, options: VerifyOptions = {}): Promise<Verification> {
  return verifyReceipt(() => readSuggestion(parseSuggestionReceipt(receipt)), options, {
    ofEntry: (subject) => ({
      entry: () => checkEntry(subject),
      answer: () => checkAnswer(subject, options.answer),
    }),
    inLog: (subject) => ({ order: () => checkOrder(subject) }),
    targetAt: ({ suggestion }) => suggestion.target_at ?? suggestion.created_at,
    required: ["forecasts", "optimum"],
    again: makeAgain,
  });
}

interface SuggestionSubject extends Subject<SuggestionReceipt> {
  readonly suggestion: Suggestion;
}

function readSuggestion(receipt: SuggestionReceipt): SuggestionSubject {
  return { ...readSubject(receipt), suggestion: parseSuggestion(receipt) };
}

function checkEntry(subject: SuggestionSubject): Finding {
  const { entry } = subject;
  const { salt, suggestion, owner_id } = subject.receipt;
  expectThat(entry.type === "suggestion", "The entry is not that of a suggestion.");
  expectCanonical(subject);
  const saltedHash = (text: string) => sha256Hex(new Uint8Array([...salt, ...utf8ToBytes(text)]));
  expectThat(
    entry.suggestion_sha256 === saltedHash(suggestion),
    "The suggestion was changed after it was committed: its salted hash is not that of the entry.",
  );
  expectThat(
    entry.owner_sha256 === saltedHash(owner_id),
    "The entry is of somebody else: the salted hash of the owner is not that of the entry.",
  );
  return passed(`The entry commits to this suggestion and its owner, logged at ${entry.logged_at}.`);
}

function checkAnswer({ suggestion }: SuggestionSubject, answer: VerifyOptions["answer"]): Finding {
  if (answer === undefined) return notChecked("Pass the suggestion that you were given to compare it.");
  const committed = Object.fromEntries(
    Object.keys(answer).map((name) => [name, suggestionAsAnswered(name, suggestion[name])]),
  );
  const differing = differences(committed, answer);
  expectThat(differing.length === 0, `You were given another suggestion: ${differing.join(", ")}.`);
  if (!("id" in answer && "shares" in answer)) {
    return notChecked("What you pass has no id or no shares: it is no suggestion as the service gives it.");
  }
  return passed(`${Object.keys(answer).length} fields of what you were given are those that were committed.`);
}

function checkOrder({ entry, suggestion }: SuggestionSubject): Finding {
  const [loggedAt, madeAt] = [momentOf(entry.logged_at), momentOf(suggestion.created_at)];
  expectThat(
    entry.made_at === suggestion.created_at && madeAt <= loggedAt,
    `It was made at ${String(suggestion.created_at)}, and the entry of ${entry.logged_at} says ${String(entry.made_at)}.`,
  );
  const target = suggestion.target_at;
  if ((target ?? null) === null) return notChecked("It does not say which moment it speaks about.");
  expectThat(
    loggedAt < momentOf(target),
    `It was logged late: at ${entry.logged_at}, about the time until ${String(target)}.`,
  );
  return passed(`Made at ${String(entry.made_at)}, logged at ${entry.logged_at}, before ${String(target)}.`);
}

const madeAgain = ["inputs", "forecasts", "sizes", "optimum", "figures"] as const;

/** Reads what the suggestion was made from, and makes it again. */
async function makeAgain(
  { suggestion, receipt }: SuggestionSubject,
  log: CheckedLog,
  place: Parameters<typeof readBasis>[1],
): Promise<Check[]> {
  const skipped = (from: number, says: string): Check[] =>
    madeAgain.slice(from).map((name) => ({ name, ...notChecked(says) }));
  const checks: Check[] = [];
  try {
    const madeFrom = suggestionMadeFrom(suggestion);
    if (madeFrom === undefined)
      return skipped(0, "It is from before suggestions said what they were made from.");
    if (!madeFrom.basis_published) {
      return skipped(
        0,
        `Data withheld: the service does not publish the market data, and has committed to its hash ${madeFrom.basis_sha256}.`,
      );
    }
    const basis = await readBasis(madeFrom, place);
    checks.push({
      name: "inputs",
      ...passed(
        `What was known of ${basis.markets.length} markets has the hash that was committed, ${madeFrom.basis_sha256}.`,
      ),
    });
    const { batches } = receipt;
    checks.push(await runCheck("forecasts", () => checkBasisForecasts(basis, { madeFrom, batches }, log)));
    checks.push(await runCheck("sizes", () => checkSizes(basis, { batches, place }, log)));
    if (madeFrom.revision < adviceRevisionMin || madeFrom.revision > adviceRevision) {
      const says = `It was made by revision ${madeFrom.revision} of the arithmetic, and this verifier has ${adviceRevision}: use the one of then.`;
      return [...checks, ...skipped(3, says)];
    }
    const advice = await adviseAgain(madeFrom, basis);
    return [
      ...checks,
      await runCheck("optimum", () => checkOptimum(suggestion, advice)),
      await runCheck("figures", () => checkFigures(suggestion, advice, { ...madeFrom.question, ...basis })),
    ];
  } catch (error) {
    const name = madeAgain[checks.length] ?? "figures";
    return [...checks, { name, ...findingOf(error) }];
  }
}
