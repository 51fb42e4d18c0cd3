import { z } from "zod";
import { parseAddress } from "../address.ts";
import type { NoRiskScore } from "../chain-reader.ts";
import { toRpcFelt } from "../felt.ts";
import { type RiskMetrics, riskComponents } from "../risk-engine.ts";
import { entryPointSelector } from "../selector.ts";
import type { JsonRpcClient } from "./json-rpc-client.ts";
import type { BlockTag } from "./rpc-schema.ts";
import { rpcErrorCodes, rpcFelt } from "./rpc-schema.ts";

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
  { contract, metrics, blockTag = "latest" }: CalculateRiskScoreParameters,
): Promise<CalculateRiskScoreReturn> {
  // Refuses what is outside of the domain, where the contract would calculate modulo the prime.
  riskComponents(metrics);
  const { utilization_bp, volatility_bp, liquidity_tier, audit_score, age_days } = metrics;
  const inputs = [utilization_bp, volatility_bp, liquidity_tier, audit_score, age_days];
  const outcome = await client.request({
    method: "starknet_call",
    params: {
      request: {
        contract_address: toRpcFelt(BigInt(parseAddress(contract))),
        entry_point_selector: toRpcFelt(calculateRiskScoreSelector),
        calldata: inputs.map((input) => toRpcFelt(BigInt(input))),
      },
      block_id: blockTag,
    },
    result: z.array(rpcFelt),
    expectedErrors: Object.values(rpcErrorCodes),
  });
  if (!outcome.ok) return refusals.get(outcome.code) ?? "reverted";
  const [score, ...rest] = outcome.result;
  return score === undefined || rest.length > 0 ? "malformed" : score;
}

const refusals: ReadonlyMap<number, NoRiskScore> = new Map([
  [rpcErrorCodes.contractNotFound, "not_deployed"],
  [rpcErrorCodes.entryPointNotFound, "no_entry_point"],
]);

const calculateRiskScoreSelector = entryPointSelector("calculate_risk_score");
