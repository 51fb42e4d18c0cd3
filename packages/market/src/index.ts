export type { AuditEvidence } from "./audit-score.ts";
export { auditEvidence, scoreAudits } from "./audit-score.ts";
export { hashMarkets, toMarketHistory } from "./dataset-builder.ts";
export type { DefiLlamaSource, DefiLlamaSourceOptions } from "./defillama/defillama-source.ts";
export { createDefiLlamaSource, starknetProjects } from "./defillama/defillama-source.ts";
export type { MarketSourceErrorCode } from "./errors.ts";
export { MarketSourceError } from "./errors.ts";
export { assertReadableFile } from "./file/file-bytes.ts";
export type { FileDataset, FileSource, FileSourceOptions } from "./file/file-source.ts";
export { createFileSource } from "./file/file-source.ts";
export type { MarketFileColumn } from "./file/market-file-columns.ts";
export {
  describeMissingColumns,
  marketFileColumnNames,
  marketFileColumns,
} from "./file/market-file-columns.ts";
export { readingVersion } from "./market-gate.ts";
export { borrowedRowsMin } from "./market-kind.ts";
export type {
  Clock,
  ImportReport,
  LoadOptions,
  LoadProgress,
  MarketDataset,
  MarketDescription,
  MarketDoubt,
  MarketHistory,
  MarketKind,
  MarketObservation,
  MarketSource,
  RejectedRow,
} from "./market-source.ts";
export type { ProtocolEntry, ProtocolIncident, ProtocolStatus } from "./protocol-registry.ts";
export { entryForUnknownProject, findProtocol, protocolRegistry } from "./protocol-registry.ts";
export { protocolSlug, protocolSlugPattern } from "./protocol-slug.ts";
export type { QualityFlag } from "./quality.ts";
export { emptyFlagCounts, isPossibleUtilization, qualityFlags, readTvl } from "./quality.ts";
export type {
  MarketSourceChoice,
  MarketSourceDependencies,
  MarketSourceSettings,
} from "./select-market-source.ts";
export { createMarketSource } from "./select-market-source.ts";
export type { SimulatedSourceOptions } from "./simulated/simulated-source.ts";
export { createSimulatedSource } from "./simulated/simulated-source.ts";
