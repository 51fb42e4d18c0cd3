import { AppError, type SessionActor } from "@obsqra/platform";
import type { AuthDependencies } from "../auth-dependencies.ts";
import { type Attempt, clearAttempts, countAttempt } from "../throttle/throttle.service.ts";
import type { PasswordRow } from "./passwords.queries.ts";

/** What a call of a signed-in user about their password uses. */
export type SignedIn = AuthDependencies & { readonly actor: SessionActor };

/** Whoever has got hold of a session could guess its user's password. */
export const passwordGuess = {
  count: (deps: SignedIn) => countAttempt(deps, attemptOn(deps.actor)),
  forget: (deps: SignedIn) => clearAttempts(deps, attemptOn(deps.actor)),
};

/**
 * Checks the password of the user who asks, and forgets the attempts when it is right.
 *
 * @param stored undefined for a user who has none
 * @returns its hash
 * @throws AppError PASSWORD_WRONG, SERVER_BUSY
 */
export async function verifyPassword(
  deps: SignedIn,
  stored: PasswordRow | undefined,
  password: string,
): Promise<string> {
  const matches = await deps.passwordHasher.verify(stored?.hash, password);
  if (stored === undefined || !matches) throw new AppError("PASSWORD_WRONG", undefined);
  await clearAttempts(deps, attemptOn(deps.actor));
  return stored.hash;
}

function attemptOn({ user_id }: SessionActor): Attempt {
  return { purpose: "password", subject: user_id };
}
