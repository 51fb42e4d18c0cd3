import "./common/describe-issue.ts";

export {
  type AgentPage,
  type AgentPagePart,
  type AgentPrompt,
  agentInstructions,
  agentPages,
  agentPrompts,
  agentScopes,
  isAgentTool,
} from "./agents/agents.ts";
export * from "./analytics/analytics.schema.ts";
export * from "./analytics/markets.schema.ts";
export * from "./auth/agents.schema.ts";
export * from "./auth/api-keys.schema.ts";
export * from "./auth/auth.schema.ts";
export * from "./auth/email-addresses.schema.ts";
export * from "./auth/identities.schema.ts";
export * from "./auth/passkeys.schema.ts";
export * from "./auth/passwords.schema.ts";
export * from "./auth/remembered-devices.schema.ts";
export { isOperatorAccess, type Scope, scope } from "./auth/scope.ts";
export * from "./auth/second-factor.schema.ts";
export * from "./auth/sessions.schema.ts";
export * from "./auth/wallets.schema.ts";
export type { FieldIssue } from "./common/common.errors.ts";
export * from "./common/common.schema.ts";
export type { JsonObject } from "./common/json-object.ts";
export { type Contract, contract, listCalls, listEndpoints, type NamedEndpoint } from "./contract.ts";
export {
  type Access,
  type Deprecation,
  describeEndpointAccess,
  type Endpoint,
  type EndpointKind,
  isList,
  type RestMapping,
  recentSessionMinutes,
} from "./endpoints/endpoint.ts";
export { type ObjectKind, objectReference, objectReferences } from "./endpoints/object-reference.ts";
export { type Relation, relations } from "./endpoints/relations.ts";
export { type ErrorDefinition, httpStatusByTrpcCode, type TrpcErrorCode } from "./errors/define-error.ts";
export {
  accessErrorCodes,
  type ErrorCode,
  type ErrorDetails,
  errorCatalogue,
  mutationErrorCodes,
  sharedErrorCodes,
  signedInErrorCodes,
} from "./errors/error-catalogue.ts";
export {
  type Problem,
  problemMediaType,
  problemName,
  problemStatus,
  problemType,
  toProblem,
} from "./errors/problem.ts";
export {
  type EventDefinition,
  type EventPayload,
  type EventType,
  eventCatalogue,
} from "./events/events.schema.ts";
export * from "./events/live-events.schema.ts";
export { figureRounder } from "./figures/figure-rounder.ts";
export { type FigureKind, type FigureMeta, figureRules } from "./figures/figures.ts";
export * from "./operations/operations.schema.ts";
export * from "./organisations/organisations.schema.ts";
export {
  isOfOrganisations,
  mayDo,
  type OrganisationRole,
  organisationRole,
  type Permission,
  permission,
  permissionOf,
  rolesByPermission,
  scopesOfRole,
} from "./organisations/permission.ts";
export type { ChainGas, GasSource } from "./predictions/counted-gas.schema.ts";
export * from "./predictions/forecast-history.schema.ts";
export * from "./predictions/forecasts.schema.ts";
export * from "./predictions/models.schema.ts";
export * from "./predictions/suggestion-history.schema.ts";
export * from "./predictions/suggestion-limits.schema.ts";
export { suggestionReceiptPath } from "./predictions/suggestion-made-from.schema.ts";
export * from "./predictions/suggestions.schema.ts";
export * from "./predictions/track-record.schema.ts";
export * from "./predictions/what-if.schema.ts";
export * from "./predictions/what-if-answer.schema.ts";
export * from "./receipts/receipts.schema.ts";
export { contractSha256 } from "./service/contract-sha256.ts";
export * from "./service/service.schema.ts";
export * from "./transactions/transactions.schema.ts";
export * from "./users/audit-log.schema.ts";
export * from "./users/my-data.schema.ts";
export { type Plan, plan } from "./users/plan.ts";
export * from "./users/usage.schema.ts";
export * from "./users/users.schema.ts";
export * from "./webhooks/webhook-message.schema.ts";
export * from "./webhooks/webhooks.schema.ts";
