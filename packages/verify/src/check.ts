import { UnreadableError } from "./unreadable-error.ts";

/** What is checked of a forecast, of a suggestion, of chains or of a track record, in the order in which it is reported. */
export type CheckName =
  | "entry"
  | "log"
  | "stored"
  | "answer"
  | "inclusion"
  | "keys"
  | "signature"
  | "batch"
  | "order"
  | "outcome"
  | "history"
  | "time"
  | "anchor"
  | "model"
  | "data"
  | "re_execution"
  | "calibration"
  | "omissions"
  | "forecasts"
  | "outcomes"
  | "suggestions"
  | "rules"
  | "counted"
  | "aggregates"
  | "inputs"
  | "sizes"
  | "chains"
  | "optimum"
  | "figures";

/** What was compared, and what came of it. */
export interface Check {
  readonly name: CheckName;
  /**
   * `not_checked`: what it takes is not there, and `says` says what. `unreadable`: the service gave no answer; try again. Neither is a success.
   */
  readonly state: "passed" | "failed" | "not_checked" | "unreadable";
  /** In a sentence: what was compared with what. */
  readonly says: string;
}

/** What is known after all checks. */
export interface Verification {
  /**
   * `failed`: something does not hold. `self_attested`: everything that was checked holds, and when forecasts were committed is the
   * service's own word. `witnessed`: witnesses say so, too, or an anchor does. `not_checked`: nothing has failed, and something could not be read, or there
   * was no forecast to check.
   */
  readonly verdict: "failed" | "self_attested" | "witnessed" | "not_checked";
  readonly checks: readonly Check[];
}

/** What a check finds out; throws {@link Mismatch} when it does not hold. */
export type Finding = Omit<Check, "name">;

/** Something is not what it has to be; the message says what was compared. */
export class Mismatch extends Error {
  override readonly name = "Mismatch";
}

/** @throws Mismatch unless the condition holds */
export function expectThat(holds: boolean, otherwise: string): asserts holds {
  if (!holds) throw new Mismatch(otherwise);
}

export function passed(says: string): Finding {
  return { state: "passed", says };
}

export function notChecked(says: string): Finding {
  return { state: "not_checked", says };
}

/** Runs a check. */
export async function runCheck(name: CheckName, find: () => Finding | Promise<Finding>): Promise<Check> {
  try {
    return { name, ...(await find()) };
  } catch (error) {
    return { name, ...findingOf(error) };
  }
}

/** What an error comes to. Data that make no sense prove nothing, and are a failure; no answer is none. */
export function findingOf(error: unknown): Finding {
  return {
    state: error instanceof UnreadableError ? "unreadable" : "failed",
    says: error instanceof Error ? error.message : String(error),
  };
}
