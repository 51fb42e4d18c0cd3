export { addressBound, checksumAddress, parseAddress } from "./address.ts";
export { chainIdToFelt, parseChainId, publicChainIds } from "./chain-id.ts";
export type {
  ChainReader,
  FeeReader,
  GasPrices,
  NoContractCall,
  NoRiskScore,
  OraclePrice,
  RiskEngineReader,
  SignatureQuery,
  SignatureVerdict,
  TransactionOutcome,
} from "./chain-reader.ts";
export type { AccountDeployment } from "./contract-address.ts";
export { calculateContractAddress } from "./contract-address.ts";
export type { CounterfactualSignatureQuery, CounterfactualVerdict } from "./counterfactual-signature.ts";
export { verifyCounterfactualSignature } from "./counterfactual-signature.ts";
export type { ChainUnavailableReason, StarknetErrorCode } from "./errors.ts";
export { ChainUnavailableError, StarknetError } from "./errors.ts";
export { canonicalFelt, feltPrime, parseFelt, parseTransactionHash } from "./felt.ts";
export type { RpcLogAnchorOptions } from "./log-anchor/create-rpc-log-anchor.ts";
export { createRpcLogAnchor } from "./log-anchor/create-rpc-log-anchor.ts";
export type {
  AnchorContractState,
  AnchoredTree,
  AnchorRefusal,
  AnchorSending,
  AnchorTransaction,
  AnchorTransactionStatus,
  LogAnchor,
} from "./log-anchor-port.ts";
export type {
  AllocationLimits,
  ConstraintViolation,
  RiskComponents,
  RiskMetrics,
  RiskReturn,
} from "./risk-engine.ts";
export {
  allocate2,
  allocate3,
  apyBpMax,
  constraintViolations,
  diversificationShareBp,
  riskComponents,
  riskEngineVersion,
  riskScore,
  verifyConstraints,
} from "./risk-engine.ts";
export type { FeltRiskComponents, FeltRiskMetrics, FeltRiskParams } from "./risk-engine-felt.ts";
export {
  feltAllocate2,
  feltAllocate3,
  feltRiskComponents,
  feltRiskScore,
  feltVerifyConstraints,
  fixedRiskParams,
} from "./risk-engine-felt.ts";
export type {
  RpcChainReaderOptions,
  RpcFeeReaderOptions,
  RpcRiskEngineReaderOptions,
} from "./rpc/create-rpc-chain-reader.ts";
export {
  createRpcChainReader,
  createRpcFeeReader,
  createRpcRiskEngineReader,
  pragmaMainnetAddress,
} from "./rpc/create-rpc-chain-reader.ts";
export type { Fetch, HttpTransportOptions } from "./rpc/http-transport.ts";
export type { BlockTag } from "./rpc/rpc-schema.ts";
export { parseSignature, signatureFeltsMax } from "./signature.ts";
export { starkCurveOrder } from "./stark-signature.ts";
export type { TypedData, TypedDataDomain, TypedDataField, TypedDataValue } from "./typed-data.ts";
export { encodeType, hashTypedData, starknetDomainType } from "./typed-data.ts";
export type { WalletChallenge } from "./wallet-challenge.ts";
export {
  buildWalletChallenge,
  challengeTtlSecondsMax,
  createChallengeNonce,
  hashWalletChallenge,
} from "./wallet-challenge.ts";
