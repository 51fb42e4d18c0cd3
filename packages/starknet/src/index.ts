export { ADDRESS_BOUND, checksumAddress, parseAddress } from "./address.ts";
export { CHAIN_IDS, chainIdToFelt, parseChainId } from "./chain-id.ts";
export type { ChainReader, SignatureQuery, SignatureVerdict } from "./chain-reader.ts";
export type { AccountDeployment } from "./contract-address.ts";
export { calculateContractAddress } from "./contract-address.ts";
export type { CounterfactualSignatureQuery, CounterfactualVerdict } from "./counterfactual-signature.ts";
export { verifyCounterfactualSignature } from "./counterfactual-signature.ts";
export type { ChainUnavailableReason, StarknetErrorCode } from "./errors.ts";
export { ChainUnavailableError, StarknetError } from "./errors.ts";
export { canonicalFelt, FELT_PRIME, parseFelt, parseTransactionHash } from "./felt.ts";
export type {
  AllocationLimits,
  ConstraintViolation,
  RiskComponents,
  RiskMetrics,
  RiskReturn,
} from "./risk-engine.ts";
export {
  APY_BP_MAX,
  allocate2,
  allocate3,
  constraintViolations,
  DIVERSIFICATION_SHARE_BP,
  RISK_ENGINE_VERSION,
  riskComponents,
  riskScore,
  verifyConstraints,
} from "./risk-engine.ts";
export type { FeltRiskComponents, FeltRiskMetrics, FeltRiskParams } from "./risk-engine-felt.ts";
export {
  FIXED_RISK_PARAMS,
  feltAllocate2,
  feltAllocate3,
  feltRiskComponents,
  feltRiskScore,
  feltVerifyConstraints,
} from "./risk-engine-felt.ts";
export type { RpcChainReaderOptions } from "./rpc/create-rpc-chain-reader.ts";
export { createRpcChainReader } from "./rpc/create-rpc-chain-reader.ts";
export type { Fetch, HttpTransportOptions } from "./rpc/http-transport.ts";
export type { BlockTag } from "./rpc/rpc-schema.ts";
export { parseSignature, SIGNATURE_FELTS_MAX } from "./signature.ts";
export type { TypedData, TypedDataDomain, TypedDataField, TypedDataValue } from "./typed-data.ts";
export { encodeType, hashTypedData, STARKNET_DOMAIN_TYPE } from "./typed-data.ts";
export type { WalletChallenge } from "./wallet-challenge.ts";
export {
  buildWalletChallenge,
  CHALLENGE_TTL_SECONDS_MAX,
  createChallengeNonce,
  hashWalletChallenge,
} from "./wallet-challenge.ts";
