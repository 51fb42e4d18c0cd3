export type { Check, CheckName, Verification } from "./check.ts";
export type { Fetch } from "./read-log.ts";
export type { ForecastOutcome, ForecastReceipt } from "./receipt.ts";
export { type VerifyOptions, verifyForecast } from "./verify-forecast.ts";
