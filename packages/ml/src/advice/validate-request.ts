import { sum } from "../numbers.ts";
import { AdviceError } from "./advice-error.ts";
import type { AdviceRequest } from "./advice-types.ts";
import { wholeBp } from "./tolerances.ts";

/** @throws AdviceError `invalid_request`, with the field, for values outside their range */
export function assertRequest({
  markets,
  held,
  amount_usd,
  holding_period_days,
  moving_cost_bp = 0,
  gas = [],
  wishes,
}: AdviceRequest): void {
  const reject = (field: string, problem: string): never => {
    throw new AdviceError("invalid_request", `${field} ${problem}.`, { field });
  };
  if (new Set(markets.map(({ market_id }) => market_id)).size < markets.length)
    reject("markets", "appear twice");
  if (!(amount_usd > 0 && amount_usd <= 1e15)) reject("amount_usd", "must be a positive number");
  if (!(holding_period_days >= 1 && holding_period_days <= 3_650))
    reject("holding_period_days", "must be 1 to 3650");
  if (!(moving_cost_bp >= 0 && moving_cost_bp <= wholeBp)) reject("moving_cost_bp", "must be 0 to 10000");
  if (gas.some(({ usd }) => !(usd >= 0 && usd <= 1_000))) reject("gas", "must be 0 to 1000 US dollars");
  const { max_portfolio_risk = 0 } = wishes;
  if (!(max_portfolio_risk >= 0 && max_portfolio_risk <= 100))
    reject("max_portfolio_risk", "must be 0 to 100");
  const total = sum(held.map(({ basis_points }) => basis_points));
  if (held.some(({ basis_points }) => !Number.isInteger(basis_points) || basis_points < 0) || total > wholeBp)
    reject("held", "must be whole basis points, 10000 at most");
  for (const { market_id, apy, risk_score } of markets) {
    const isSane =
      apy === null ||
      (apy.lower <= apy.value && apy.value <= apy.upper && Number.isFinite(apy.upper - apy.lower));
    if (!isSane || !(risk_score === null || (risk_score >= 0 && risk_score <= 100))) {
      reject(`markets.${market_id}`, "must have forecasts within their intervals and a risk of 0 to 100");
    }
  }
}
