import type { AdviceRequest, MarketAdvice } from "./advice-types.ts";

/** Where gas is from: all of it read of chains, all of it documented figures, or some each way. */
export type GasSource = "chain" | "assumed" | "mixed";

/** Where the gas of the move to the target is from, and the chains whose gas was read and counted in it. */
export function gasSourceOf(
  { lines }: MarketAdvice,
  { markets, gas = [] }: Pick<AdviceRequest, "markets" | "gas">,
): { readonly source: GasSource; readonly chains: readonly string[] } {
  const inProtocol = (protocol: string) => markets.filter((market) => market.protocol === protocol);
  const moved = lines
    .filter(({ current_bp, target_bp }) => current_bp !== target_bp)
    // Of what is somewhere in a protocol, the dearest of its chains is counted, which may be any of them.
    .flatMap(({ chain, protocol }) =>
      chain === null ? inProtocol(protocol).map((market) => market.chain) : [chain],
    );
  const names = new Set(moved.map((chain) => chain.toLowerCase()));
  const read = gas.map(({ chain }) => chain).filter((chain) => names.has(chain.toLowerCase()));
  if (read.length === 0) return { source: "assumed", chains: [] };
  return { source: read.length === names.size ? "chain" : "mixed", chains: read };
}
