import { type Actor, AppError } from "@obsqra/platform";
import { countAttempt, type ThrottleDependencies } from "../throttle/throttle.service.ts";

/** Whose address it is, and since when that is known. */
export type MailedAccount = Pick<Actor["user"], "id" | "email_verified_at">;

/**
 * Counts a mail about what a user does, where nobody has confirmed the address of the account: it may be a stranger's, who
 * would get any number of mails if the user did so again and again.
 *
 * @throws AppError TOO_MANY_ATTEMPTS
 */
export async function countMailToUnconfirmed(
  deps: ThrottleDependencies & { readonly actor: { readonly user: MailedAccount } },
): Promise<void> {
  const { id, email_verified_at } = deps.actor.user;
  // Apart from the mails with links: who has asked for three of those can still change the password.
  if (email_verified_at === null) await countAttempt(deps, { purpose: "email", subject: id });
}

/**
 * Whether a mail about what a user does may be sent, where nothing is refused because there were enough of them. They are counted
 * apart, of the network, too: who has set up a second factor, or made some API keys, keeps nobody there from a new password.
 */
export async function maySendMail(
  deps: ThrottleDependencies,
  { id, email_verified_at }: MailedAccount,
): Promise<boolean> {
  if (email_verified_at !== null) return true;
  return isCounted(countAttempt(deps, { purpose: "unasked_email", subject: id }));
}

/** @returns false when there were too many */
export async function isCounted(counting: Promise<void>): Promise<boolean> {
  try {
    await counting;
    return true;
  } catch (error) {
    if (error instanceof AppError && error.code === "TOO_MANY_ATTEMPTS") return false;
    throw error;
  }
}
