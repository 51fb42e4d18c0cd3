import { sum } from "../numbers.ts";
import type { AdviceForcedMove, AdviceRequest } from "./advice-types.ts";
import { marketNamer, share } from "./figures.ts";
import type { AdvicePlace } from "./market-places.ts";
import type { MarketProblem } from "./share-program.ts";

/** Why the present mix may not stay, whatever the tolerance. */
export function lastingForcedMoves(
  places: readonly AdvicePlace[],
  { protocolCaps, chainCaps }: Pick<MarketProblem, "protocolCaps" | "chainCaps">,
  { wishes, markets: known }: AdviceRequest,
): AdviceForcedMove[] {
  const marketName = marketNamer(known);
  const nameOf = ({ market, protocol, chain }: AdvicePlace) =>
    marketName({ symbol: market?.symbol ?? null, protocol, chain });
  const held = places.filter(({ currentBp }) => currentBp > 0);
  const exits = held.flatMap((place): AdviceForcedMove[] => {
    const { protocol, currentBp, exclusion } = place;
    if (exclusion === undefined) return [];
    const what = nameOf(place);
    const why = exclusionWords[exclusion] ?? "is not what you ask for";
    const sentence = `${what} ${why}, so its ${share(currentBp)} must leave whether or not moving pays.`;
    return [{ cause: "exit", protocol, sentence }];
  });
  const markets = held
    .filter(({ currentBp, capBp, exclusion }) => exclusion === undefined && currentBp > capBp)
    .map((place): AdviceForcedMove => {
      const sentence = `${nameOf(place)} holds ${share(place.currentBp)}, above your limit of ${share(place.capBp)} for one market.`;
      return { cause: "max_market", protocol: place.protocol, sentence };
    });
  const protocols = [...protocolCaps].flatMap(([protocol, cap]): AdviceForcedMove[] => {
    const own = held.filter((place) => place.protocol === protocol && place.exclusion === undefined);
    const total = sum(own.map(({ currentBp }) => currentBp));
    if (wishes.max_protocol_bp === undefined || total <= cap) return [];
    const sentence = `${protocol} holds ${share(total)}, above your limit of ${share(cap)} for one protocol.`;
    return [{ cause: "max_protocol", protocol, sentence }];
  });
  const chains = [...chainCaps].flatMap(([chain, cap]): AdviceForcedMove[] => {
    const own = held.filter((place) => place.chain === chain && place.exclusion === undefined);
    const total = sum(own.map(({ currentBp }) => currentBp));
    if (total <= cap) return [];
    const sentence = `${share(total)} is on ${chain}, above your limit of ${share(cap)} for one chain.`;
    return [{ cause: "max_chain", protocol: null, sentence }];
  });
  return [...exits, ...markets, ...protocols, ...chains];
}

const exclusionWords: Readonly<Record<string, string>> = {
  paused: "is paused",
  deprecated: "is deprecated",
  exploited: "is exploited",
  not_preferred: "is not among the permitted protocols",
  other_asset: "is of other assets than you accept",
  not_stable: "is not of stable assets",
  several_assets: "is a pool of several assets",
};

/** That the present mix has more risk than it may. */
export function riskBreach(risk: number, maxRisk: number): AdviceForcedMove {
  const sentence = `The present portfolio risk of ${risk.toFixed(1)} is above the limit of ${maxRisk.toFixed(1)}.`;
  return { cause: "max_portfolio_risk", protocol: null, sentence };
}
