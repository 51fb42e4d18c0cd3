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
  /** Whether the second factor is not to be asked for here for 30 days; needs `devices`. @default false */
  readonly remember_device?: boolean | undefined;
}

/** Where the tokens of remembered devices are kept, one for an account. */
export interface DeviceStorage {
  readonly read: (email: string) => string | undefined | Promise<string | undefined>;
  readonly write: (email: string, token: string) => void | Promise<void>;
}

export interface SignInOptions {
  readonly signal?: AbortSignal | undefined;
}

export interface SignInStartOptions extends SignInOptions {
  /** @default this device is not remembered */
  readonly devices?: DeviceStorage | undefined;
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
  { signal, devices }: SignInStartOptions = {},
): Promise<SignIn> {
  try {
    const device_token = input.device_token ?? (await devices?.read(input.email));
    const known = device_token === undefined ? input : { ...input, device_token };
    return { state: "signed_in", tokens: await client.auth.login.mutate(known, { signal }) };
  } catch (error) {
    if (!isObsqraError(error, "SECOND_FACTOR_REQUIRED")) throw error;
    const remember = (token: string) => devices?.write(input.email, token);
    return codeNeeded({ client, required: error.details, remember: devices && remember });
  }
}

/** What a login that waits needs to go on. */
interface Waiting {
  readonly client: Pick<ObsqraClient, "auth">;
  readonly required: { readonly challenge: string; readonly methods: readonly FactorMethod[] };
  /** Undefined where no device can be remembered. */
  readonly remember: ((token: string) => void | Promise<void>) | undefined;
}

function codeNeeded(waiting: Waiting, refused?: ObsqraError<"CODE_INVALID">): CodeNeeded {
  const { client, required, remember } = waiting;
  const { challenge, methods } = required;
  return {
    state: "code_needed",
    methods,
    refused,
    answer: async ({ code, remember_device = false }, { signal } = {}) => {
      try {
        const input = { challenge, code, remember_device: remember_device && remember !== undefined };
        const { device_token, ...tokens } = await client.auth.complete_login.mutate(input, { signal });
        if (device_token !== null) await remember?.(device_token);
        return { state: "signed_in", tokens };
      } catch (error) {
        if (isObsqraError(error, "CODE_INVALID")) return codeNeeded(waiting, error);
        if (isObsqraError(error, "LOGIN_CHALLENGE_INVALID")) return { state: "over", refused: error };
        throw error;
      }
    },
  };
}
