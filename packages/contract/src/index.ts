import "./describe-issue.ts";

export * from "./analytics/analytics.schema.ts";
export * from "./auth/auth.schema.ts";
export type { FieldIssue } from "./common.errors.ts";
export * from "./common.schema.ts";
export { type Contract, contract, listEndpoints, type NamedEndpoint } from "./contract.ts";
export { type ErrorDefinition, httpStatusByTrpcCode, type TrpcErrorCode } from "./define-error.ts";
export type { Access, Endpoint, RestMapping } from "./endpoint.ts";
export {
  type ErrorCode,
  type ErrorDetails,
  errorCatalogue,
  sharedErrorCodes,
  signedInErrorCodes,
} from "./errors.ts";
export * from "./predictions/models.schema.ts";
export * from "./predictions/predictions.schema.ts";
export * from "./predictions/track-record.schema.ts";
export * from "./predictions/what-if.schema.ts";
export * from "./transactions/transactions.schema.ts";
export * from "./users/users.schema.ts";
