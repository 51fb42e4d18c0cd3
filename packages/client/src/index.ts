export type { CallContext } from "./call-link.ts";
export type { Fetch, ReceivedResponse, RequestHooks, SentRequest } from "./checked-fetch.ts";
export { type ClientOptions, createClient } from "./create-client.ts";
export { type FollowInput, type FollowOptions, follow } from "./follow.ts";
export { followTogether, type TogetherOptions } from "./follow-together.ts";
export {
  type AnyObsqraError,
  type ConnectionErrorDetailsByCode,
  isObsqraError,
  ObsqraError,
  type ObsqraErrorCode,
  type ObsqraErrorDetailsByCode,
  type ObsqraErrorOptions,
} from "./obsqra-error.ts";
export { type ListProcedure, type Page, type Pages, type PagesOptions, paginate } from "./paginate.ts";
export type * from "./procedures.ts";
export { type RenewOptions, renewTokens } from "./renew-tokens.ts";
export type * from "./router.ts";
export {
  type CodeNeeded,
  type DeviceStorage,
  type FactorAnswer,
  type FactorChoice,
  type PasskeyNeeded,
  type PasskeyRefused,
  type PasskeySignIn,
  type SignedIn,
  type SignIn,
  type SignInOptions,
  type SignInOver,
  type SignInStartOptions,
  signIn,
  signInWithPasskey,
} from "./sign-in.ts";
export {
  type IdentityAnswer,
  type IdentityLinkNeeded,
  type IdentityRefused,
  type IdentitySignIn,
  signInWithIdentity,
} from "./sign-in-with-identity.ts";
export {
  createMemoryTokenStorage,
  type MemoryTokenStorage,
  type ReadOnlyTokenStorage,
  type StoredTokens,
  type TokenStorage,
} from "./token-storage.ts";
export type * from "./web-types.ts";
