import type { Actor } from "@obsqra/platform";
import { countAttempt, type ThrottleDependencies } from "../throttle/throttle.service.ts";

/**
 * Counts a mail about what a user does, where nobody has confirmed the address of the account: it may be a stranger's, who
 * would get any number of mails if the user did so again and again.
 *
 * @throws AppError TOO_MANY_ATTEMPTS
 */
export async function countMailToUnconfirmed(
  deps: ThrottleDependencies & { readonly actor: Actor },
): Promise<void> {
  const { id, email_verified_at } = deps.actor.user;
  // Apart from the mails with links: who has asked for three of those can still change the password.
  if (email_verified_at === null) await countAttempt(deps, { purpose: "email", subject: id });
}
