export { createGraphqlSchema, fieldName, type GraphqlContext } from "./create-graphql-schema.ts";
export {
  createGraphqlService,
  type GraphqlRun,
  type GraphqlService,
  type OpenedSubscription,
} from "./create-graphql-service.ts";
export type { OperationIssue } from "./operation-issues.ts";
export type { OperationLimits, ReadOperation } from "./read-operation.ts";
