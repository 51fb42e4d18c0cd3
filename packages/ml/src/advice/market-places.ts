import { normalQuantile } from "../normal.ts";
import type {
  AdviceRequest,
  IntervalForecast,
  MarketCandidate,
  MarketExclusion,
  ProtocolFigures,
} from "./advice-types.ts";
import { believedYield } from "./believed-yield.ts";
import { dilutedPart, exitLiquidityUsd, type MarketSize, sizeOf } from "./dilution.ts";
import { type ImpermanentLoss, impermanentLoss } from "./impermanent-loss.ts";
import { assetsOfSymbol } from "./market-assets.ts";
import { assumedSwapBp, exchangeDepthUsd, movingGasUsd, priceImpactUsd } from "./moving-costs.ts";
import { piecesOf } from "./place-pieces.ts";
import { priceRiskOf } from "./price-risk.ts";
import { protocolFeePart } from "./protocol-fees.ts";
import type { Place } from "./share-program.ts";

/** A place of the programme with the facts behind it. */
export interface AdvicePlace extends Place {
  readonly market: MarketCandidate | null;
  readonly marketId: string | null;
  readonly assets: readonly string[];
  readonly loss: ImpermanentLoss;
  readonly apy: IntervalForecast | null;
  readonly riskScore: number | null;
  /** Of the forecast, percentage points. */
  readonly deviation: number;
  readonly gasUsd: number;
  readonly enterBp: number;
  readonly leaveBp: number;
  /** What exchanging costs beyond that because of its size, US dollars, for a change of share by so many basis points. */
  readonly impactUsd: (changeBp: number) => number;
  /** What its yield has to be higher by because its assets are not the holder's, percent a year; see `priceRiskOf`. */
  readonly priceRisk: number;
  /** Which part of its APY is left once the protocol has kept its part of the fees. */
  readonly keptPart: number;
  /** What of the caps is the one of exit liquidity. */
  readonly isExitCapped: boolean;
  /** Why it must be left; undefined when it may stay. */
  readonly exclusion: MarketExclusion | undefined;
  /** Expected net APY, percent, when it holds this share. */
  readonly netApyAt: (shareBp: number) => number;
}

/** What there is to place. */
export interface Funds {
  /** The assets that need no exchange; undefined when nobody says. */
  readonly toExchange: ReadonlySet<string> | undefined;
  /** The assets whose yields are compared without a price of risk; undefined where all are. */
  readonly own: ReadonlySet<string> | undefined;
}

/** Both defaults; see `AdviceWishes`. */
export const shareMaxDefaultBp = 5_000;

const wholeBp = 10_000;

/** A market as a place, with what of it is held already. */
export function marketPlace(
  market: MarketCandidate,
  request: AdviceRequest,
  held: {
    readonly currentBp: number;
    readonly funds: Funds;
    readonly exclusion: MarketExclusion | undefined;
  },
): AdvicePlace {
  const { currentBp, exclusion } = held;
  const assets = assetsOfSymbol(market.symbol);
  const loss = impermanentLoss(market.protocol, assets);
  const size = sizeOf(market);
  const exitUsd = exitLiquidityUsd(size);
  const maxMarketBp = request.wishes.max_market_bp ?? Math.max(shareMaxDefaultBp, currentBp);
  const exitBp = exitUsd === undefined ? wholeBp : Math.floor((exitUsd / request.amount_usd) * wholeBp);
  const roomBp = Math.min(wholeBp, maxMarketBp, Math.max(exitBp, currentBp));
  const mustStay = staysByWish(request, market.protocol, market.market_id);
  const mayStay = exclusion === undefined || stays.has(exclusion) || mustStay;
  // What may stay without being advised anew keeps what it has.
  const mayGrowTo = !mayStay ? 0 : exclusion === undefined ? roomBp : currentBp;
  const capBp = mustStay ? Math.max(mayGrowTo, currentBp) : mayGrowTo;
  const usdOf = (shareBp: number) => (shareBp / wholeBp) * request.amount_usd;
  // What is held is in the market's size already.
  const part = (shareBp: number) => dilutedPart(size, usdOf(shareBp - currentBp));
  return {
    ...placeOf(request, {
      protocol: market.protocol,
      chain: market.chain,
      apy: market.apy,
      riskScore: market.risk_score,
      loss,
      capBp,
      currentBp,
      part,
      keptPart: keptPartOf(market, size, request),
      priceRisk: priceRiskOf(assets, held.funds.own),
      ...movingCostsOf(market.chain, assets, { request, funds: held.funds.toExchange }),
    }),
    market,
    marketId: market.market_id,
    assets,
    isLocked: mustStay || (exclusion !== undefined && locks.has(exclusion)),
    isExitCapped: exclusion === undefined && exitBp < maxMarketBp,
    exclusion: mayStay ? undefined : exclusion,
  };
}

/** What is held in a protocol, nobody knows in which market: it may stay or leave, and not grow. */
export function protocolPlace(
  figures: ProtocolFigures,
  request: AdviceRequest,
  currentBp: number,
): AdvicePlace {
  const { protocols = [] } = request.wishes;
  const isPreferred = protocols.length === 0 || protocols.includes(figures.protocol);
  const mustStay = staysByWish(request, figures.protocol, null);
  const reason = figures.status !== "active" ? figures.status : isPreferred ? undefined : "not_preferred";
  const exclusion = mustStay ? undefined : reason;
  const chains = request.markets
    .filter(({ protocol }) => protocol === figures.protocol)
    .map(({ chain }) => chain);
  return {
    ...placeOf(request, {
      protocol: figures.protocol,
      chain: new Set(chains).size === 1 ? (chains[0] ?? null) : null,
      apy: figures.apy,
      riskScore: figures.risk_score,
      loss: impermanentLoss(figures.protocol, []),
      capBp: exclusion === undefined ? currentBp : 0,
      currentBp,
      part: () => 1,
      keptPart: 1,
      priceRisk: 0,
      impactUsd: () => 0,
      gasUsd:
        request.moving_cost_bp === undefined
          ? Math.max(...(chains.length === 0 ? [""] : chains).map((each) => movingGasUsd(each, request.gas)))
          : 0,
      enterBp: 0,
      leaveBp: 0,
    }),
    market: null,
    marketId: null,
    assets: [],
    isLocked: mustStay || (exclusion === undefined && (figures.apy === null || figures.risk_score === null)),
    isExitCapped: false,
    exclusion,
  };
}

/** Whether the holder wants what is held there to stay. */
function staysByWish({ wishes }: AdviceRequest, protocol: string, marketId: string | null): boolean {
  const { must_stay: names = [] } = wishes;
  return names.includes(protocol) || (marketId !== null && names.includes(marketId));
}

/** What is held need not leave for these reasons: nothing more goes there. */
const stays: ReadonlySet<MarketExclusion> = new Set([
  "too_small",
  "stale_forecast",
  "no_forecast",
  "frozen",
  "illiquid",
]);

/** What is held cannot be compared with anything, or not be taken out. */
const locks: ReadonlySet<MarketExclusion> = new Set(["stale_forecast", "no_forecast", "illiquid"]);

interface PlaceFacts {
  readonly protocol: string;
  readonly chain: string | null;
  readonly apy: IntervalForecast | null;
  readonly riskScore: number | null;
  readonly loss: ImpermanentLoss;
  readonly capBp: number;
  readonly currentBp: number;
  readonly part: (shareBp: number) => number;
  readonly keptPart: number;
  readonly priceRisk: number;
  readonly gasUsd: number;
  readonly enterBp: number;
  readonly leaveBp: number;
  readonly impactUsd: (changeBp: number) => number;
}

function placeOf(request: AdviceRequest, facts: PlaceFacts) {
  const { apy, loss, currentBp, capBp, part, keptPart, priceRisk, gasUsd, enterBp, leaveBp, impactUsd } =
    facts;
  const perYear = 365 / request.holding_period_days;
  const deviation = apy === null ? 0 : deviationOf(apy);
  const believed = apy === null ? 0 : believedYield(apy, deviation);
  const dilute = (percent: number, shareBp: number) =>
    percent > 0 ? percent * part(shareBp) * keptPart : percent;
  return {
    protocol: facts.protocol,
    chain: facts.chain,
    currentBp,
    capBp,
    risk: facts.riskScore ?? 100,
    pieces: piecesOf(capBp, currentBp, {
      apyAt: (shareBp) => dilute(believed, shareBp) - loss.apy,
      costOf: (changeBp) => (impactUsd(changeBp) / request.amount_usd) * 100 * perYear * wholeBp,
    }),
    enterCost: (enterBp / 100) * perYear + priceRisk,
    leaveCost: (leaveBp / 100) * perYear,
    gasCost: (gasUsd / request.amount_usd) * 100 * perYear,
    loss,
    apy,
    riskScore: facts.riskScore,
    deviation,
    gasUsd,
    enterBp,
    leaveBp,
    impactUsd,
    priceRisk,
    keptPart,
    netApyAt: (shareBp: number) => (apy === null ? 0 : dilute(apy.value, shareBp) - loss.apy),
  };
}

/** The quantile is found by bisection, so that of nearly all forecasts is found once. */
const usualLevel = 0.9;
const usualQuantile = normalQuantile(0.95);

function deviationOf({ lower, upper, level }: IntervalForecast): number {
  return (upper - lower) / (2 * (level === usualLevel ? usualQuantile : normalQuantile((1 + level) / 2)));
}

/** What moving into a market or out of it costs: as stated, or else as read of the chain, or else as documented. */
function movingCostsOf(
  chain: string,
  assets: readonly string[],
  { request, funds }: { readonly request: AdviceRequest; readonly funds: ReadonlySet<string> | undefined },
) {
  const { moving_cost_bp: stated } = request;
  if (stated !== undefined) return { gasUsd: 0, enterBp: stated, leaveBp: 0, impactUsd: () => 0 };
  const entering = swappedPart(assets, funds);
  const leaving = assets.length > 1 && funds !== undefined ? 0.5 : 0;
  const depthUsd = exchangeDepthUsd(chain, assets);
  return {
    gasUsd: movingGasUsd(chain, request.gas),
    enterBp: entering * assumedSwapBp(assets),
    leaveBp: leaving * assumedSwapBp(assets),
    impactUsd: (changeBp: number) => {
      const part = changeBp > 0 ? entering : leaving;
      return priceImpactUsd(((part * Math.abs(changeBp)) / wholeBp) * request.amount_usd, depthUsd);
    },
  };
}

/** What is stated is taken at its word; of what is observed, a protocol may keep a part of the fees. */
function keptPartOf(
  { protocol, chain }: MarketCandidate,
  { reward_share }: MarketSize,
  { apys }: AdviceRequest,
) {
  return apys === "stated" ? 1 : 1 - protocolFeePart(protocol, chain) * (1 - reward_share);
}

/**
 * Which part of what enters has to be exchanged first. For a pool, half of each asset's part is taken to be there. Nothing, when nobody
 * says which assets are held.
 */
function swappedPart(assets: readonly string[], funds: ReadonlySet<string> | undefined): number {
  if (funds === undefined || assets.length === 0) return 0;
  const missing = assets.filter((asset) => !funds.has(asset)).length / assets.length;
  return assets.length > 1 ? Math.max(0.5, missing) : missing;
}
