import type { BeginIdentityInput, IdentityAttempt } from "@obsqra/contract";
import { AppError, defineCommand, hashToken, type SessionActor } from "@obsqra/platform";
import type { AuthDependencies } from "../auth-dependencies.ts";
import { programOf } from "../sign-in/pending-login.ts";
import { secretsOf } from "./attempt-secrets.ts";
import {
  findIdentityAttempt,
  insertIdentityAttempt,
  type NewIdentityAttemptRow,
  type ReturnedAttempt,
} from "./identity-attempts.queries.ts";
import type { IdentityProvider, ProvenIdentity } from "./providers/identity-provider.ts";

type SignedIn = AuthDependencies & { readonly actor: SessionActor };

/** How long somebody may take at the provider. */
const attemptSeconds = 10 * 60;

/** A browser that is to be sent to a provider, and what it gets for that. */
interface BegunAttempt {
  readonly row: NewIdentityAttemptRow;
  readonly begun: IdentityAttempt;
}

/**
 * Begins to sign in by a provider, whoever it is.
 *
 * @throws AppError IDENTITY_PROVIDER_UNKNOWN, IDENTITY_PROVIDER_UNAVAILABLE
 */
export const beginIdentityLogin = defineCommand({
  plan: (deps: AuthDependencies, input: BeginIdentityInput) => prepareAttempt(deps, input, null),
  write: async (trx, { row, begun }: BegunAttempt) => {
    await insertIdentityAttempt(trx, row);
    return begun;
  },
});

/**
 * Begins to link an identity to the account of whoever asks.
 *
 * @throws AppError IDENTITY_PROVIDER_UNKNOWN, IDENTITY_PROVIDER_UNAVAILABLE
 */
export const beginIdentityLink = defineCommand({
  plan: (deps: SignedIn, input: BeginIdentityInput) => prepareAttempt(deps, input, deps.actor.user_id),
  write: async (trx, { row, begun }: BegunAttempt) => {
    await insertIdentityAttempt(trx, row);
    return begun;
  },
});

/** What an answer of a provider has turned out to be worth. */
export type ReadAnswer = {
  readonly attempt_hash: Uint8Array;
  readonly provider: IdentityProvider;
} & ({ readonly proven: ProvenIdentity } | { readonly refused: AppError });

/** Answers that were read for a call, by its input: a code works once, and what is planned again has it already. */
const readAnswers = new WeakMap<object, Promise<ReadAnswer>>();

/**
 * Reads the answer of a provider for an attempt that is still open, once for a call.
 *
 * @param userId whose identity is to be linked; null where somebody signs in
 * @returns also a refusal, with which the attempt is used up
 * @throws AppError IDENTITY_ATTEMPT_INVALID, before the provider is asked; IDENTITY_PROVIDER_UNAVAILABLE, and the attempt stays
 */
export function readAnswerOnce(
  deps: AuthDependencies,
  input: { readonly attempt: string; readonly answer: string },
  userId: string | null,
): Promise<ReadAnswer> {
  const known = readAnswers.get(input);
  if (known !== undefined) return known;
  const reading = readAnswer(deps, input, userId);
  readAnswers.set(input, reading);
  return reading;
}

async function readAnswer(
  deps: AuthDependencies,
  { attempt, answer }: { readonly attempt: string; readonly answer: string },
  userId: string | null,
): Promise<ReadAnswer> {
  const returned: ReturnedAttempt = {
    attempt_hash: hashToken(attempt),
    user_id: userId,
    bound_to: programOf(deps.request),
    now: deps.clock(),
  };
  const id = await findIdentityAttempt(deps.db, returned);
  // It may have been configured otherwise meanwhile.
  const provider = deps.identityProviders.find((each) => each.id === id);
  if (provider === undefined) throw new AppError("IDENTITY_ATTEMPT_INVALID", undefined);
  const { attempt_hash } = returned;
  try {
    const proven = await provider.prove(answer, secretsOf(attempt));
    if (proven.emails.length > 0) return { attempt_hash, provider, proven };
    return { attempt_hash, provider, refused: new AppError("IDENTITY_EMAIL_UNVERIFIED", undefined) };
  } catch (error) {
    if (!(error instanceof AppError) || error.code !== "IDENTITY_REJECTED") throw error;
    return { attempt_hash, provider, refused: error };
  }
}

async function prepareAttempt(
  deps: AuthDependencies,
  { provider: id }: BeginIdentityInput,
  userId: string | null,
): Promise<BegunAttempt> {
  const provider = deps.identityProviders.find((each) => each.id === id);
  if (provider === undefined) throw new AppError("IDENTITY_PROVIDER_UNKNOWN", undefined);
  const attempt = Buffer.from(deps.randomBytes(32)).toString("base64url");
  const authorization_url = await provider.begin(secretsOf(attempt));
  const created_at = deps.clock();
  return {
    row: {
      attempt_hash: hashToken(attempt),
      user_id: userId,
      provider: id,
      bound_to: programOf(deps.request),
      created_at,
      expires_at: new Date(created_at.getTime() + attemptSeconds * 1000),
    },
    begun: { attempt, authorization_url, expires_in: attemptSeconds },
  };
}
