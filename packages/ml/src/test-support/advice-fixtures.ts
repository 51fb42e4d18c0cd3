import { createRandom } from "@obsqra/forest";
import type { AdviceRequest, HeldShare, MarketCandidate } from "../advice/advice-types.ts";

/** For tests: an active lending market of USDC with a forecast of ± 0.5 at 90 %. */
export function testMarket(
  market_id: string,
  apy: number,
  overrides: Partial<MarketCandidate> = {},
): MarketCandidate {
  return {
    market_id,
    protocol: market_id,
    chain: "Starknet",
    symbol: "USDC",
    kind: "lending",
    status: "active",
    frozen: false,
    apy_base: apy,
    apy_reward: 0,
    tvl_usd: 50_000_000,
    utilization: 0.6,
    apy: { value: apy, lower: apy - 0.5, upper: apy + 0.5, level: 0.9 },
    risk_score: 20,
    stale: false,
    ...overrides,
  };
}

/** For tests: 10,000 USD, nothing invested, medium tolerance, for a month. */
export function testRequest(
  markets: readonly MarketCandidate[],
  overrides: Partial<AdviceRequest> = {},
): AdviceRequest {
  return {
    markets,
    protocols: [],
    held: [],
    wishes: {},
    tolerance: "medium",
    amount_usd: 10_000,
    holding_period_days: 30,
    rebalance_threshold_bp: 500,
    ...overrides,
  };
}

const symbols = ["USDC", "USDT", "ETH", "STRK", "ETH-USDC", "USDC-USDT", "STRK-ETH", "WBTC"];
const allAssets = ["USDC", "USDT", "ETH", "STRK", "WBTC"];
const chains = ["Ethereum", "Starknet", "Base", "Polygon"];

/** For tests and benchmarks: a random question about so many markets; the same seed asks the same. */
export function randomAdviceRequest(seed: number, marketCount: number): AdviceRequest {
  const random = createRandom(seed);
  const below = (limit: number) => random.nextInt(limit);
  const pick = <TItem>(items: readonly TItem[], fallback: TItem) => items[below(items.length)] ?? fallback;
  const protocolCount = Math.max(1, Math.ceil(marketCount / 5));
  const markets = Array.from({ length: marketCount }, (_, index) => {
    const symbol = pick(symbols, "USDC");
    const isPair = symbol.includes("-");
    const apy = (isPair ? 20 : 4) * Math.exp(2 * random.nextFloat() - 1);
    const width = apy * random.nextFloat() * 0.6;
    const isKnown = random.nextFloat() < 0.9;
    return testMarket(`market-${index}`, apy, {
      protocol: `protocol-${below(protocolCount)}`,
      chain: pick(chains, "Starknet"),
      symbol,
      kind: isPair ? "dex" : "lending",
      frozen: random.nextFloat() < 0.03,
      apy_reward: random.nextFloat() < 0.3 ? apy / 3 : 0,
      tvl_usd: isKnown ? 10 ** (4.5 + 4 * random.nextFloat()) : null,
      utilization: isPair ? null : random.nextFloat(),
      apy: { value: apy, lower: apy - width, upper: apy + width, level: 0.9 },
      risk_score: 5 + below(91),
    });
  });
  const held: HeldShare[] = [];
  for (let left = 10_000; random.nextFloat() < 0.6 && left > 0; ) {
    const market = pick(markets, markets[0] ?? testMarket("none", 0));
    if (held.some(({ market_id }) => market_id === market.market_id)) continue;
    const basis_points = Math.min(left, 1 + below(6_000));
    held.push({ protocol: market.protocol, market_id: market.market_id, basis_points });
    left -= basis_points;
  }
  const asksForAssets = random.nextFloat() < 0.3;
  return testRequest(markets, {
    held,
    wishes: {
      // Without any, those that are held, which would leave few markets to choose from.
      ...((asksForAssets || held.length > 0) && {
        assets: asksForAssets ? ["USDC", "USDT", "ETH"] : allAssets,
      }),
      ...(random.nextFloat() < 0.2 && { single_asset_only: true }),
      ...(random.nextFloat() < 0.2 && { max_protocol_bp: 2_000 + below(8_000) }),
    },
    amount_usd: 10 ** (2 + 5 * random.nextFloat()),
    holding_period_days: 7 + below(60),
    rebalance_threshold_bp: below(1_000),
  });
}
