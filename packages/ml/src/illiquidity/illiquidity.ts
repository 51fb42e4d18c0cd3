export type { IlliquidityReport, IlliquidityScores } from "./illiquidity-evaluation.ts";
export { evaluateIlliquidity } from "./illiquidity-evaluation.ts";
export {
  illiquidityDefinition,
  illiquidityHorizonDays,
  illiquidityObservedDaysMin,
  illiquidUtilization,
} from "./illiquidity-event.ts";
export type { IlliquidityHeader, IlliquidityModel } from "./illiquidity-model.ts";
export {
  decodeIlliquidity,
  encodeIlliquidity,
  illiquidityProbabilities,
  trainIlliquidity,
} from "./illiquidity-model.ts";
export type { IlliquidityOptions } from "./illiquidity-walk-forward.ts";
