import { sum } from "../numbers.ts";
import type { AdviceRequest } from "./advice-types.ts";
import { assetsOfSymbol, sameAsset } from "./market-assets.ts";
import { exclusionsFor } from "./market-exclusions.ts";
import {
  type AdvicePlace,
  type Funds,
  marketPlace,
  protocolPlace,
  shareMaxDefaultBp,
} from "./market-places.ts";
import { wholeBp } from "./tolerances.ts";

/** Every market that may hold money or does, and what is held in protocols as a whole; by name, so that order cannot matter. */
export function placesOf(request: AdviceRequest): AdvicePlace[] {
  const heldIn = new Map(request.held.map(({ market_id, basis_points }) => [market_id, basis_points]));
  const funds = fundsOf(request);
  const exclusionOf = exclusionsFor(request);
  const markets = request.markets.flatMap((market) => {
    const currentBp = heldIn.get(market.market_id) ?? 0;
    const exclusion = exclusionOf(market);
    if (currentBp === 0 && exclusion !== undefined) return [];
    return [marketPlace(market, request, { currentBp, funds, exclusion })];
  });
  const known = new Set(request.markets.map(({ market_id }) => market_id));
  const unplaced = request.held.filter(({ market_id }) => market_id === null || !known.has(market_id));
  const byProtocol = Map.groupBy(unplaced, ({ protocol }) => protocol);
  const wholes = [...byProtocol].map(([protocol, shares]) => {
    const unknown = { protocol, status: "active", apy: null, risk_score: null } as const;
    const figures = request.protocols.find((each) => each.protocol === protocol) ?? unknown;
    return protocolPlace(figures, request, sum(shares.map(({ basis_points }) => basis_points)));
  });
  return [...markets, ...wholes].sort((left, right) => (keyOf(left) < keyOf(right) ? -1 : 1));
}

function keyOf({ protocol, marketId }: AdvicePlace): string {
  return `${protocol}\n${marketId ?? ""}`;
}

/**
 * The assets that are there to be placed: those in the markets that are held, and, unless they are all that there is, those that the holder
 * names. Yields in others that are accepted have a price risk; where none of what is held is accepted, nothing is compared with it.
 */
export function fundsOf({ wishes, markets, held }: AdviceRequest): Funds {
  const accepted = (wishes.assets ?? []).map(sameAsset);
  const inMarkets = heldAssets(markets, held);
  const isAllPlaced =
    inMarkets !== undefined && sum(held.map(({ basis_points }) => basis_points)) === wholeBp;
  const assets = isAllPlaced ? inMarkets : new Set([...accepted, ...(inMarkets ?? [])]);
  if (assets.size === 0) return { toExchange: undefined, own: undefined };
  const own = accepted.length === 0 ? [...assets] : [...assets].filter((asset) => accepted.includes(asset));
  return { toExchange: assets, own: new Set(own) };
}

/**
 * The question as it is meant: who holds markets and names no assets has others looked at only when asking for it. Of what somebody states
 * of markets, naming them is asking.
 */
export function withinWhatIsHeld(request: AdviceRequest): AdviceRequest {
  if (request.wishes.assets !== undefined || request.apys === "stated") return request;
  const assets = heldAssets(request.markets, request.held);
  return assets === undefined ? request : { ...request, wishes: { ...request.wishes, assets: [...assets] } };
}

/** The assets of what is held; undefined where nothing is, or nobody knows in which market or of which assets. */
function heldAssets(
  markets: AdviceRequest["markets"],
  held: AdviceRequest["held"],
): ReadonlySet<string> | undefined {
  const symbols = new Map(markets.map(({ market_id, symbol }) => [market_id, symbol]));
  const assets = held.map(({ market_id }) => assetsOfSymbol(symbols.get(market_id ?? "") ?? ""));
  return held.length === 0 || assets.some((of) => of.length === 0) ? undefined : new Set(assets.flat());
}

/** Only where a limit is asked for; what cannot leave stays. */
export function chainCapsOf(
  places: readonly AdvicePlace[],
  { wishes: { max_chain_bp: asked } }: AdviceRequest,
): Map<string, number> {
  if (asked === undefined) return new Map();
  const known = places.filter((place): place is AdvicePlace & { chain: string } => place.chain !== null);
  const caps = [...Map.groupBy(known, ({ chain }) => chain)].map(([chain, own]) => {
    const locked = own.filter(({ isLocked, exclusion }) => isLocked && exclusion === undefined);
    return [chain, Math.max(asked, sum(locked.map(({ currentBp }) => currentBp)))] as const;
  });
  return new Map(caps);
}

/** A default cap takes nothing away from a protocol that has more already; one that is asked for does, from what can leave. */
export function protocolCapsOf(
  places: readonly AdvicePlace[],
  { wishes }: AdviceRequest,
): Map<string, number> {
  const caps = [...Map.groupBy(places, ({ protocol }) => protocol)].map(([protocol, own]) => {
    const staying = own.filter(({ exclusion }) => exclusion === undefined);
    const current = sum(staying.map(({ currentBp }) => currentBp));
    const locked = sum(staying.map(({ currentBp, isLocked }) => (isLocked ? currentBp : 0)));
    const { max_protocol_bp: asked } = wishes;
    const cap = asked === undefined ? Math.max(shareMaxDefaultBp, current) : Math.max(asked, locked);
    return [protocol, cap] as const;
  });
  return new Map(caps);
}
