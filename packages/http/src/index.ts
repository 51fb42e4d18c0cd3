export {
  type GuardedOutcome,
  type GuardedPost,
  type GuardedPostOptions,
  postGuarded,
} from "./guarded/post-guarded.ts";
export { createResolve, type Resolve } from "./guarded/resolve.ts";
export { judgeTarget, type TargetRefusal, type TargetRules } from "./guarded/target.ts";
export { BodyTooLargeError, readText } from "./read-text.ts";
