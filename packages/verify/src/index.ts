import { verifyChains as verifyEnds } from "./chains/verify-chains.ts";
import type { Verification } from "./check.ts";
import { verifyTrackRecord as verifyRecord } from "./record/verify-track-record.ts";
import { verifyForecast as verifyReceipt } from "./verify-forecast.ts";
import type { TrackRecordRange, VerifyOptions, VerifyTrackRecordOptions } from "./verify-options.ts";

export type { Check, CheckName, Verification } from "./check.ts";
export { UnsupportedEngineError } from "./engine.ts";
export type { ForecastOutcome, ForecastReceipt } from "./receipt.ts";
export type {
  AnchorPlace,
  Fetch,
  Post,
  TrackRecordRange,
  VerifyOptions,
  VerifyTrackRecordOptions,
} from "./verify-options.ts";

// With their types written out, so that the published ones name none of the packages that are bundled.

/**
 * Checks that a forecast was committed to the log of a service, and makes it again from the model and the data that were committed to.
 * Nothing is believed: every hash and figure is computed here. It never throws for what a service says, which is a check that has failed, or
 * where it says nothing, which is one that is `unreadable`.
 *
 * @returns every check with what was compared
 * @throws UnsupportedEngineError
 */
export const verifyForecast: (receipt: unknown, options?: VerifyOptions) => Promise<Verification> =
  verifyReceipt;

/**
 * Checks the whole track record of a service: reads every entry of its log and every page of its lists, and computes each published figure
 * anew. What was left out, put in, edited or not witnessed is named. It never throws for what a service
 * says or does not say.
 *
 * @returns every check with what was compared
 * @throws UnsupportedEngineError
 */
export const verifyTrackRecord: (
  range: TrackRecordRange,
  options?: VerifyTrackRecordOptions,
) => Promise<Verification> = verifyRecord;

/**
 * Checks that the log of a service has where a user's chains of transactions and security events ended, by the receipt that the user gets, and
 * that the newest page of one of them, the option `answer`, goes on from there. One that was cut off or written anew is named. It never
 * throws for what a service says or does not say.
 *
 * @returns every check with what was compared
 * @throws UnsupportedEngineError
 */
export const verifyChains: (receipt: unknown, options?: VerifyOptions) => Promise<Verification> = verifyEnds;
