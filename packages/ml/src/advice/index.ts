/** What it takes to give advice again on the question that it was given on: runs in browsers, too. */
export type { AdviceBasis, OwnQuestion } from "./advice-basis.ts";
export { adviceRequest, adviceRevision, readAdviceBasis } from "./advice-basis.ts";
export type { AdviceWishes, HeldShare, MarketAdvice, MarketCandidate } from "./advice-types.ts";
export { createAdviser } from "./adviser.ts";
