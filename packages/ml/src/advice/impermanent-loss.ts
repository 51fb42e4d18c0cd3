import { square } from "../deterministic-math.ts";
import { pairVolatility } from "./asset-volatility.ts";
import { assetClassOf } from "./market-assets.ts";

/** What holding two assets in a pool is expected to lose against holding them in a wallet. */
export interface ImpermanentLoss {
  /** Percent a year, 0 or more. */
  readonly apy: number;
  /** Standard deviation of the yearly logarithm of the pair's price, percent. */
  readonly volatility: number;
  /** Whether the volatility is the documented one of the pair's class, because no feed has prices. */
  readonly assumed: boolean;
}

/**
 * The expected loss of a pool of these assets: `concentration · σ² / 8` of its value a year, which is what a pool of constant product
 * loses to those who trade against it at outdated prices (Milionis, Moallemi, Roughgarden and Zhang, "Automated Market Making and
 * Loss-Versus-Rebalancing", 2022, https://arxiv.org/abs/2208.06046), and the second-order term of `2√r / (1 + r) − 1` over a log-normal
 * price ratio r. Liquidity between half and twice the price does as much as 3.41 times its value in a pool without bounds
 * (`1 / (1 − (1/4)^(1/4))`, Uniswap v3 white paper, 2021, section 2), and loses as much more.
 *
 * Volatilities are the documented ones of `pairVolatility`, since no feed has prices.
 *
 * @param assets - as `assetsOfSymbol` gives them; the widest pair among them counts
 * @returns a loss of 0, not assumed, for a single asset
 */
export function impermanentLoss(protocol: string, assets: readonly string[]): ImpermanentLoss {
  if (assets.length < 2) return { apy: 0, volatility: 0, assumed: false };
  const classes = assets.map(assetClassOf);
  const pairs = classes.flatMap((first, index) => classes.slice(index + 1).map((second) => [first, second]));
  const volatility = Math.max(
    ...pairs.map(([first = "other", second = "other"]) => pairVolatility(first, second)),
  );
  const concentration = isConcentrated(protocol) ? concentrationOfHalfToTwice : 1;
  return { apy: (concentration * square(volatility / 100) * 100) / 8, volatility, assumed: true };
}

const concentrationOfHalfToTwice = 1 / (1 - Math.sqrt(0.5));

/** Whether the exchange's pools concentrate liquidity. By name: feeds do not say it. */
function isConcentrated(protocol: string): boolean {
  return /ekubo|slipstream|-v[34]\b|clmm|-cl\b|concentrated|orca|algebra/.test(protocol);
}
