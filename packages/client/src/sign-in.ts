import { isObsqraError, type ObsqraError } from "./obsqra-error.ts";
import type { FactorMethod, LoginInput, ObsqraClient, Tokens } from "./router.ts";

/** Somebody is signed in; the client has the tokens. */
export interface SignedIn {
  readonly state: "signed_in";
  readonly tokens: Tokens;
}

/** The password was right, and the account has a second factor. */
export interface CodeNeeded {
  readonly state: "code_needed";
  /** What can be given. */
  readonly methods: readonly FactorMethod[];
  /** Why the code before was refused; undefined where there was none. */
  readonly refused: ObsqraError<"CODE_INVALID"> | undefined;
  /**
   * Gives a code of the app, or a recovery code.
   *
   * @throws ObsqraError TOO_MANY_ATTEMPTS, and what any call may throw; the same can be answered again then
   */
  readonly answer: (input: FactorAnswer, options?: SignInOptions) => Promise<SignIn>;
}

/** It took too long, or the password was changed meanwhile: sign in again, from the password on. */
export interface SignInOver {
  readonly state: "over";
  readonly refused: ObsqraError<"LOGIN_CHALLENGE_INVALID">;
}

/** Where somebody is on the way to being signed in. */
export type SignIn = SignedIn | CodeNeeded | SignInOver;

/** What is given for the second factor. */
export interface FactorAnswer {
  readonly code: string;
}

export interface SignInOptions {
  readonly signal?: AbortSignal | undefined;
}

/**
 * Signs in, with a second factor where the account has one.
 *
 * @throws ObsqraError CREDENTIALS_INVALID, TOO_MANY_ATTEMPTS, and what any call may throw
 * @example
 * ```ts
 * const obsqra = createClient({ url: "http://localhost:8000" });
 * let step = await signIn(obsqra, { email: "ada@example.org", password: "correct horse battery" });
 * if (step.state === "code_needed") step = await step.answer({ code: "123456" });
 * console.log(step.state);
 * ```
 */
export async function signIn(
  client: Pick<ObsqraClient, "auth">,
  input: LoginInput,
  { signal }: SignInOptions = {},
): Promise<SignIn> {
  try {
    return { state: "signed_in", tokens: await client.auth.login.mutate(input, { signal }) };
  } catch (error) {
    if (!isObsqraError(error, "SECOND_FACTOR_REQUIRED")) throw error;
    return codeNeeded(client, error.details);
  }
}

function codeNeeded(
  client: Pick<ObsqraClient, "auth">,
  required: { readonly challenge: string; readonly methods: readonly FactorMethod[] },
  refused?: ObsqraError<"CODE_INVALID">,
): CodeNeeded {
  const { challenge, methods } = required;
  return {
    state: "code_needed",
    methods,
    refused,
    answer: async ({ code }, { signal } = {}) => {
      try {
        const tokens = await client.auth.complete_login.mutate({ challenge, code }, { signal });
        return { state: "signed_in", tokens };
      } catch (error) {
        if (isObsqraError(error, "CODE_INVALID")) return codeNeeded(client, required, error);
        if (isObsqraError(error, "LOGIN_CHALLENGE_INVALID")) return { state: "over", refused: error };
        throw error;
      }
    },
  };
}
