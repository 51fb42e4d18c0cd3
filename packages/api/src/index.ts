export { AppError } from "./app-error.ts";
export {
  type AccessTokenSettings,
  accessTokenSettings,
} from "./auth/access-token.ts";
export { createPasswordHasher, type PasswordHasher } from "./auth/password-hasher.ts";
export { type CreateId, createIdGenerator } from "./create-id.ts";
export type { ApiDependencies, Logger, RequestFacts } from "./dependencies.ts";
export { toAppError } from "./errors.ts";
export { findImport, importDataset, registerProtocols } from "./market/market.service.ts";
export { type LiveModels, loadLiveModels } from "./predictions/models.service.ts";
export {
  type RetrainDependencies,
  retrainModels,
  type TrainModels,
} from "./predictions/retrain-models.service.ts";
export { type AppRouter, appRouter, createCaller } from "./root.ts";
export type { ApiContext } from "./trpc.ts";
