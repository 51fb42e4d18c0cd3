/** What moves the price of an asset. `other` is whatever has a price of its own. */
export type AssetClass = "usd" | "eur" | "eth" | "btc" | "strk" | "gold" | "other";

/**
 * The assets that a market's symbol names, in upper case: `USDC-ETH 0.05%` is of USDC and ETH. What a wallet exchanges one to one and
 * without a fee is one asset (`WETH` is `ETH`); bridged tokens such as `USDC.E` are not what they stand for. An empty symbol names none.
 */
export function assetsOfSymbol(symbol: string): string[] {
  if (symbol === "") return [];
  const parts = symbol.toUpperCase().split(/[-/\s]+/);
  const assets = parts.filter((part) => part !== "" && !isNoAsset(part)).map((part) => sameAsset(part));
  return [...new Set(assets.length === 0 ? [symbol.toUpperCase()] : assets)];
}

/** An asset as a caller writes it, in the spelling of {@link assetsOfSymbol}. */
export function sameAsset(asset: string): string {
  const name = asset.trim().toUpperCase();
  return sameAssets.get(name) ?? name;
}

/** By its name, which is all that market feeds say of an asset. */
export function assetClassOf(asset: string): AssetClass {
  return classes.find(([, pattern]) => pattern.test(asset))?.[0] ?? "other";
}

/** Whether all of the assets are meant to keep the price of a currency. */
export function isStable(assets: readonly string[]): boolean {
  return assets.every((asset) => ["usd", "eur"].includes(assetClassOf(asset)));
}

const sameAssets: ReadonlyMap<string, string> = new Map([
  ["WETH", "ETH"],
  ["WAVAX", "AVAX"],
  ["WBNB", "BNB"],
  ["WPOL", "POL"],
  ["WMATIC", "POL"],
  ["WXDAI", "XDAI"],
  ["USD₮", "USDT"],
  ["USD₮0", "USDT0"],
]);

const classes: readonly (readonly [AssetClass, RegExp])[] = [
  ["usd", /USD|^[SX]?DAI(\.E)?$|^M\.DAI$|^S?FRAX$|^GHO$|^MIM$|^MAI$|^DOLA$|^USR$|^WSTUSR$|^USN$/],
  ["eur", /EUR/],
  ["eth", /ETH(\.?[A-Z])?$/],
  ["btc", /BTC/],
  ["strk", /STRK$/],
  ["gold", /XAU|PAXG|^GOLD/],
];

/** The fee, version or number that may stand beside the assets. */
function isNoAsset(part: string): boolean {
  return /^(V?\d+|\d+([.,]\d+)?%)$/.test(part);
}
