import type { NoRiskScore } from "../chain-reader.ts";
import { type RiskMetrics, riskComponents } from "../risk-engine.ts";
import { entryPointSelector } from "../selector.ts";
import { callContract } from "./call-contract.ts";
import type { JsonRpcClient } from "./json-rpc-client.ts";
import type { BlockTag } from "./rpc-schema.ts";

export interface CalculateRiskScoreParameters {
  /** Address of the RiskEngine contract. */
  contract: string;
  metrics: RiskMetrics;
  /** @default "latest" */
  blockTag?: BlockTag | undefined;
}

/** A felt, or why there is none. */
export type CalculateRiskScoreReturn = bigint | NoRiskScore;

/**
 * Asks a RiskEngine contract for a score (`starknet_call` of `calculate_risk_score`): utilization and volatility in basis points,
 * liquidity tier, audit score and age in days, a felt each, in this order.
 *
 * @throws StarknetError `INVALID_ADDRESS`, `OUT_OF_DOMAIN`; ChainUnavailableError when the node gives no usable response.
 */
export async function calculateRiskScore(
  client: JsonRpcClient,
  { contract, metrics, blockTag }: CalculateRiskScoreParameters,
): Promise<CalculateRiskScoreReturn> {
  // Refuses what is outside of the domain, where the contract would calculate modulo the prime.
  riskComponents(metrics);
  const { utilization_bp, volatility_bp, liquidity_tier, audit_score, age_days } = metrics;
  const inputs = [utilization_bp, volatility_bp, liquidity_tier, audit_score, age_days];
  const returned = await callContract(client, {
    contract,
    selector: calculateRiskScoreSelector,
    calldata: inputs.map(BigInt),
    block: blockTag,
  });
  if (typeof returned === "string") return returned;
  const [score, ...rest] = returned;
  return score === undefined || rest.length > 0 ? "malformed" : score;
}

const calculateRiskScoreSelector = entryPointSelector("calculate_risk_score");
