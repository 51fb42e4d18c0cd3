export {
  type BoundedFetch,
  createBoundedFetch,
  HostUnavailableError,
  type RequestBounds,
} from "./bounded-fetch.ts";
export { createResolve, type Resolve } from "./guarded/resolve.ts";
export {
  type GuardedGet,
  type GuardedOptions,
  type GuardedOutcome,
  type GuardedPost,
  getGuarded,
  postGuarded,
} from "./guarded/send-guarded.ts";
export { judgeTarget, type TargetRefusal, type TargetRules } from "./guarded/target.ts";
export { BodyTooLargeError, readText } from "./read-text.ts";
