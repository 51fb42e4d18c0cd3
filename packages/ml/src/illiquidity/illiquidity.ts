export type { IlliquidityReport, IlliquidityScores } from "./illiquidity-evaluation.ts";
export { evaluateIlliquidity } from "./illiquidity-evaluation.ts";
export {
  illiquidityDefinition,
  illiquidityHorizonDays,
  illiquidityObservedDaysMin,
  illiquidUtilization,
} from "./illiquidity-event.ts";
export type { IlliquidityModel } from "./illiquidity-model.ts";
export {
  illiquidityProbabilities,
  readIlliquidity,
  trainIlliquidity,
} from "./illiquidity-model.ts";
export type { IlliquidityOptions } from "./illiquidity-walk-forward.ts";
