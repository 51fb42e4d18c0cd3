import { isObsqraError, type ObsqraError } from "./obsqra-error.ts";
import type {
  FactorMethod,
  LoginInput,
  ObsqraClient,
  PasskeyAssertion,
  PasskeyRequest,
  Tokens,
} from "./router.ts";

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
  readonly refused: ObsqraError<"CODE_INVALID" | "PASSKEY_REJECTED"> | undefined;
  /** What a passkey has to sign, for `navigator.credentials.get`; null where the account has none. */
  readonly passkey: PasskeyRequest | null;
  /**
   * Gives a code of the app, a recovery code, or what a passkey has signed.
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
export type FactorAnswer = FactorChoice &
  (
    | { readonly code: string; readonly passkey?: undefined }
    | { readonly passkey: PasskeyAssertion; readonly code?: undefined }
  );

/** What is chosen beside the answer. */
export interface FactorChoice {
  /** Whether the second factor is not to be asked for here for 30 days; needs `devices`. @default false */
  readonly remember_device?: boolean | undefined;
}

/** Where the tokens of remembered devices are kept, one for an account. */
export interface DeviceStorage {
  readonly read: (email: string) => string | undefined | Promise<string | undefined>;
  readonly write: (email: string, token: string) => void | Promise<void>;
}

/** What signing in takes besides the client. */
export interface SignInOptions {
  readonly signal?: AbortSignal | undefined;
}

/** The same, and where devices are remembered. */
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

/** A passkey is asked for, whichever the user chooses. */
export interface PasskeyNeeded {
  readonly state: "passkey_needed";
  /** What it has to sign, for `navigator.credentials.get`. */
  readonly passkey: PasskeyRequest;
  /**
   * Gives what a passkey has signed, once.
   *
   * @throws ObsqraError TOO_MANY_ATTEMPTS, and what any call may throw
   */
  readonly answer: (passkey: PasskeyAssertion, options?: SignInOptions) => Promise<PasskeySignIn>;
}

/** The passkey was not accepted: start again, or sign in another way. */
export interface PasskeyRefused {
  readonly state: "refused";
  readonly refused: ObsqraError<PasskeyRefusal>;
}

/** Where somebody is on the way to being signed in by a passkey alone. */
export type PasskeySignIn = SignedIn | PasskeyNeeded | PasskeyRefused;

type PasskeyRefusal = "PASSKEY_CHALLENGE_INVALID" | "PASSKEY_UNKNOWN" | "PASSKEY_REJECTED";

/**
 * Begins to sign in by a passkey, without address and password; no second factor is asked for.
 *
 * @throws ObsqraError what any call may throw
 */
export async function signInWithPasskey(
  client: Pick<ObsqraClient, "auth">,
  { signal }: SignInOptions = {},
): Promise<PasskeyNeeded> {
  const request = await client.auth.passkey_challenge.mutate(undefined, { signal });
  return {
    state: "passkey_needed",
    passkey: request,
    answer: async (passkey, options = {}) => {
      try {
        return {
          state: "signed_in",
          tokens: await client.auth.login_with_passkey.mutate({ passkey }, options),
        };
      } catch (error) {
        if (
          isObsqraError(error, "PASSKEY_CHALLENGE_INVALID") ||
          isObsqraError(error, "PASSKEY_UNKNOWN") ||
          isObsqraError(error, "PASSKEY_REJECTED")
        ) {
          return { state: "refused", refused: error };
        }
        throw error;
      }
    },
  };
}

/** What a login that waits needs to go on. */
interface Waiting {
  readonly client: Pick<ObsqraClient, "auth">;
  readonly required: {
    readonly challenge: string;
    readonly methods: readonly FactorMethod[];
    readonly passkey: PasskeyRequest | null;
  };
  /** Undefined where no device can be remembered. */
  readonly remember: ((token: string) => void | Promise<void>) | undefined;
}

/** What is next where a login waits for the second factor. */
export function codeNeeded(waiting: Waiting, refused?: CodeNeeded["refused"]): CodeNeeded {
  const { client, required, remember } = waiting;
  const { challenge, methods, passkey: request } = required;
  return {
    state: "code_needed",
    methods,
    refused,
    passkey: request,
    answer: async ({ code, passkey, remember_device = false }, { signal } = {}) => {
      try {
        const proof = passkey === undefined ? { code } : { passkey };
        const input = { challenge, ...proof, remember_device: remember_device && remember !== undefined };
        const { device_token, ...tokens } = await client.auth.complete_login.mutate(input, { signal });
        if (device_token !== null) await remember?.(device_token);
        return { state: "signed_in", tokens };
      } catch (error) {
        if (isObsqraError(error, "CODE_INVALID") || isObsqraError(error, "PASSKEY_REJECTED")) {
          return codeNeeded(waiting, error);
        }
        if (isObsqraError(error, "LOGIN_CHALLENGE_INVALID")) return { state: "over", refused: error };
        throw error;
      }
    },
  };
}
