import type { AllocationRequest, ForcedMove } from "./allocation-types.ts";
import type { Asset } from "./holdings.ts";
import { weighted } from "./holdings.ts";
import { diversifyingShareBp } from "./limits.ts";
import { points, share } from "./reasons.ts";
import { riskNoiseTolerance } from "./rounding.ts";

/**
 * Why the present shares cannot stay. Holding is not an option when money sits where it may not, or when the present
 * shares break a hard limit (a lowered risk tolerance, for instance): advice to hold would be advice to break it.
 * Where money must be left anyway, breaches of limits are not listed besides: they are often its consequence.
 */
export function forcedMoves(assets: readonly Asset[], request: AllocationRequest): ForcedMove[] {
  if (request.current === null) return [];
  const exits = assets.filter(({ active, currentBp }) => !active && currentBp > 0).map(exitOf);
  return exits.length > 0 ? exits : breaches(assets, request);
}

function exitOf({ protocol, exclusion, currentBp }: Asset): ForcedMove {
  const why = exclusion === "not_a_candidate" ? "is not among the permitted protocols" : `is ${exclusion}`;
  const sentence = `${protocol} ${why}, so its ${share(currentBp)} must leave whether or not moving pays.`;
  return { cause: "exit", protocol, sentence };
}

function breaches(assets: readonly Asset[], { limits }: AllocationRequest): ForcedMove[] {
  const moves: ForcedMove[] = assets
    .filter(({ currentBp }) => currentBp > limits.max_single_bp)
    .map(({ protocol, currentBp }) => ({
      cause: "max_single",
      protocol,
      sentence: `${protocol} holds ${share(currentBp)}, above the limit of ${share(limits.max_single_bp)} for one protocol.`,
    }));
  const current = assets.map(({ currentBp }) => currentBp);
  const risk = weighted(assets, current, (asset) => asset.risk);
  if (risk > limits.max_portfolio_risk + riskNoiseTolerance) {
    moves.push({
      cause: "max_portfolio_risk",
      sentence: `The present portfolio risk of ${points(risk)} is above the limit of ${points(limits.max_portfolio_risk)}.`,
    });
  }
  const large = current.filter((held) => held >= diversifyingShareBp).length;
  if (large < limits.min_diversification) {
    moves.push({
      cause: "min_diversification",
      sentence: `The present mix has ${large} shares of at least 10 %; the limit asks for ${limits.min_diversification}.`,
    });
  }
  return moves;
}
