/** What it takes to give advice again on the question that it was given on: runs in browsers, too. */
export type { AdviceBasis, OwnQuestion } from "./advice-basis.ts";
export { adviceRequest, adviceRevision, adviceRevisionMin, readAdviceBasis } from "./advice-basis.ts";
export type {
  AdviceRequest,
  AdviceWishes,
  HeldShare,
  MarketAdvice,
  MarketCandidate,
} from "./advice-types.ts";
export { createAdviser } from "./adviser.ts";
export { gasSourceOf } from "./gas-source.ts";
