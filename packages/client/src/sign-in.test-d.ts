import type { CodeNeeded, SignIn, Tokens } from "./index.ts";

declare const step: SignIn;

// What there is to do depends on the state, and the compiler knows it.
export const tokens: Tokens | undefined = step.state === "signed_in" ? step.tokens : undefined;
export const answer: CodeNeeded["answer"] | undefined =
  step.state === "code_needed" ? step.answer : undefined;
// @ts-expect-error: nobody is signed in yet.
export const early = step.tokens;
// @ts-expect-error: without a question there is no answer.
export const none = step.state === "over" ? step.answer : undefined;
