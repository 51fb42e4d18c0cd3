import { expect, it } from "vitest";
import { dilutedPart, exitLiquidityUsd } from "./dilution.ts";
import { impermanentLoss } from "./impermanent-loss.ts";
import { assetsOfSymbol, isStable } from "./market-assets.ts";
import { assumedGasUsd, movingGasUsd } from "./moving-costs.ts";

it("reads the assets of a market from its symbol", () => {
  expect(assetsOfSymbol("WETH-USDC 0.05%")).toEqual(["ETH", "USDC"]);
  expect(assetsOfSymbol("ETH-WETH")).toEqual(["ETH"]);
  expect(assetsOfSymbol("USDC.e")).toEqual(["USDC.E"]);
  expect(assetsOfSymbol("DAI-USDC-USDT")).toEqual(["DAI", "USDC", "USDT"]);
  expect(isStable(["USDC", "EURC", "XDAI", "crvUSD".toUpperCase()])).toBe(true);
  expect(["WISE", "ETHFI", "USOL", "STRK"].some((asset) => isStable([asset]))).toBe(false);
});

it("expects the impermanent loss of the published formula, and none of a single asset", () => {
  // σ² / 8 of the value a year: 0.8² / 8 = 8 %.
  expect(impermanentLoss("uniswap-v2", ["ETH", "USDC"])).toEqual({
    apy: expect.closeTo(8, 12),
    volatility: 80,
    assumed: true,
  });
  // 3.41 times of it between half and twice the price.
  expect(impermanentLoss("ekubo", ["ETH", "USDC"]).apy).toBeCloseTo(8 * 3.4142, 3);
  expect(impermanentLoss("ekubo", ["USDC", "USDT"]).apy).toBeCloseTo(0.017, 3);
  expect(impermanentLoss("nostra", ["ETH"])).toMatchObject({ apy: 0, assumed: false });
  // The second-order term of 2√r / (1 + r) − 1 for a log-normal r, by Monte Carlo's exact sum over a normal grid.
  const sigma = 0.3;
  let [sum, weight] = [0, 0];
  for (let z = -6; z <= 6; z += 0.01) {
    const density = Math.exp((-z * z) / 2);
    const ratio = Math.exp(sigma * z - (sigma * sigma) / 2);
    sum += density * (1 - (2 * Math.sqrt(ratio)) / (1 + ratio));
    weight += density;
  }
  expect(sum / weight).toBeCloseTo(sigma ** 2 / 8, 3);
});

it("dilutes a yield by what comes in, and takes back what goes out", () => {
  const pool = { kind: "dex", tvl_usd: 900, utilization: null, reward_share: 0 } as const;
  expect(dilutedPart(pool, 100)).toBeCloseTo(0.9, 12);
  // 400 lendable of 1,000 supplied: (1000 / 1100)² of the interest, 1000 / 1100 of the incentives.
  const reserve = { kind: "lending", tvl_usd: 400, utilization: 0.6, reward_share: 0.5 } as const;
  expect(dilutedPart(reserve, 100)).toBeCloseTo(0.5 * (1 / 1.1) ** 2 + 0.5 / 1.1, 12);
  expect(dilutedPart(reserve, -100)).toBeGreaterThan(1);
  expect(dilutedPart({ ...pool, tvl_usd: null }, 1e9)).toBe(1);
  expect([exitLiquidityUsd(reserve), exitLiquidityUsd({ ...pool, tvl_usd: null })]).toEqual([40, undefined]);
});

it("takes gas by chain, however it is written", () => {
  expect(["Ethereum", "ethereum", "Starknet", "Mars"].map(assumedGasUsd)).toEqual([3, 3, 0.1, 1]);
  const read = [{ chain: "STARKNET", usd: 0.0054 }];
  expect(["Ethereum", "starknet", "Mars"].map((chain) => movingGasUsd(chain, read))).toEqual([3, 0.0054, 1]);
});
